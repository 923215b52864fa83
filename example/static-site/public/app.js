// The page is served from the same address as the API, so no CORS is needed.
const answer = await fetch("/api/tasks");
const list = document.querySelector("#tasks");
for (const { data, state } of await answer.json()) {
  const item = document.createElement("li");
  item.textContent = `${data.title} (${state})`;
  list.append(item);
}
