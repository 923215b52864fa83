import { type ServeOptions, withServer } from "../../harness/server.ts";

/** A document with the forms of parameters, bodies and references that the tests need. */
export const petstore = `openapi: 3.0.3
info: { title: "Pets & <more>", version: 1.0.0 }
paths:
  /pets:
    get:
      operationId: listPets
      parameters:
        - { name: limit, in: query, required: true, schema: { type: integer, minimum: 1, maximum: 100 } }
        - { name: weight, in: query, schema: { type: number, minimum: 0, exclusiveMinimum: true } }
        - { name: sold, in: query, schema: { type: boolean } }
        - { name: kind, in: query, schema: { type: string, enum: [cat, dog] } }
        - { name: name, in: query, schema: { type: string, minLength: 2, maxLength: 4, pattern: "^[a-z]+$" } }
        - { name: ids, in: query, schema: { type: array, maxItems: 2, items: { type: integer } } }
        - { name: tags, in: query, explode: false, schema: { type: array, items: { enum: [a, b] } } }
        - { name: X-Trace, in: header, schema: { type: string, format: uuid } }
        - { name: session, in: cookie, schema: { type: integer } }
        - { name: Authorization, in: header, required: true, schema: { type: string } }
      responses: { 200: { description: ok } }
    post:
      operationId: addPet
      x-pipeline: echo
      requestBody: { $ref: "#/components/requestBodies/Pet" }
      responses: { 201: { description: ok } }
  /pets/{pet-id}:
    parameters: [{ $ref: "#/components/parameters/PetId" }]
    get: { operationId: getPet, x-pipeline: path, responses: {} }
    delete:
      operationId: removePet
      x-pipeline: nobody
      parameters: [{ name: pet-id, in: path, required: true, schema: { type: string } }]
      responses: {}
  /notes/:
    post:
      x-pipeline: broken
      requestBody: { content: { text/plain: {}, "image/*": {} } }
      responses: {}
components:
  parameters:
    PetId: { name: pet-id, in: path, required: true, schema: { type: integer } }
  requestBodies:
    Pet:
      required: true
      content: { application/json: { schema: { $ref: "#/components/schemas/Pet" } } }
  schemas:
    Pet:
      type: object
      required: [name]
      properties:
        name: { type: string, minLength: 1 }
        age: { type: integer, nullable: true, maximum: 30, exclusiveMaximum: true }
        born: { type: string, format: date }
        parents: { type: array, items: { $ref: "#/components/schemas/Pet" } }
        owner: { type: object, required: [email], additionalProperties: false, properties: { email: { type: string } } }
`;

/** A server with an openapi module, and the pipelines that the document names. */
export const pets = (config = "{ spec_file: pets.yaml }") =>
  withServer(`
  - name: pets
    type: openapi
    config: ${config}
pipelines:
  echo: { steps: [] }
  broken: { steps: [{ name: s, type: step.set, config: { values: { x: "{{ .no.thing }}" } } }] }
  path:
    steps:
      - { name: parse, type: step.request_parse, config: { path_params: [pet_id] } }
      - { name: answer, type: step.json_response, config: { status: 203, body_from: steps.parse.path_params } }`);

/** The document beside the configuration. */
export const petFiles: ServeOptions = { files: { "pets.yaml": petstore } };
