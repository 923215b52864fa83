import { templateFields, templateFieldsOf } from "../template/template_fields.ts";
import type { Exchange } from "./exchange.ts";

/** A request as templates see it under `.meta._http_request`: `.Method`, `.URL.Path`, `.Header.Get "X"` and so on. */
export function requestFields(exchange: Exchange): object {
  return new RequestView(exchange);
}

class RequestView {
  readonly exchange: Exchange;
  constructor(exchange: Exchange) {
    this.exchange = exchange;
  }
  get [templateFields]() {
    return requestMap;
  }
}

class UrlView {
  readonly exchange: Exchange;
  constructor(exchange: Exchange) {
    this.exchange = exchange;
  }
  get [templateFields]() {
    return urlMap;
  }
}

class HeaderView {
  readonly headers: Headers;
  constructor(headers: Headers) {
    this.headers = headers;
  }
  get [templateFields]() {
    return headerMap;
  }
}

const headerMap = templateFieldsOf(HeaderView, {
  Get: (self, name) => self.headers.get(String(name)) ?? "",
});

const urlMap = templateFieldsOf(UrlView, {
  Path: (self) => decodePath(self.exchange.path),
  RawQuery: (self) => self.exchange.search.slice(1),
  String: (self) => self.exchange.path + self.exchange.search,
});

const requestMap = templateFieldsOf(RequestView, {
  Method: (self) => self.exchange.method,
  Host: (self) => self.exchange.headers.get("host") ?? "",
  RemoteAddr: (self) => self.exchange.client,
  RequestURI: (self) => self.exchange.path + self.exchange.search,
  URL: (self) => new UrlView(self.exchange),
  Header: (self) => new HeaderView(self.exchange.headers),
  FormValue: (self, name) => self.exchange.query.get(String(name)) ?? "",
  PathValue: (self, name) => ownText(self.exchange.params, String(name)),
  UserAgent: (self) => self.exchange.headers.get("user-agent") ?? "",
});

function ownText(params: Readonly<Record<string, string>>, name: string): string {
  return Object.hasOwn(params, name) ? (params[name] ?? "") : "";
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // Not valid percent-encoding: the path as it came is the best there is.
    return path;
  }
}
