/// `GET /openapi.json`.
public enum OpenAPI {
    /// OpenAPI 3.1, as JSON.
    public static let document = "{\(head),\n\"paths\": \(paths),\n\"components\": \(components)}\n"

    private static let head = """
        "openapi": "3.1.0",
        "info": {
          "title": "Venuecast",
          "version": "1",
          "description": "A main venue's picture and sound, carried to district venues. Served on Unix sockets: \
        control.sock takes everything, monitor.sock reads alone. A number that is not known is null, never 0. \
        Times are RFC 3339 with offset."
        },
        "servers": [ { "url": "http://localhost/", "description": "curl --unix-socket /run/venuecast/control.sock" } ]
        """

    private static let paths = """
        {
          "/v1/status": { "get": { "operationId": "getStatus", "summary": "A snapshot of everything",
            "responses": { "200": \(answer("ActivityStatus")) } } },
          "/v1/venues": { "get": { "operationId": "listVenues", "summary": "Every venue's status",
            "responses": { "200": \(answer("VenueStatus", list: true)) } } },
          "/v1/venues/{id}": { "parameters": [ \(venueID) ],
            "get": { "operationId": "getVenue", "summary": "One venue's status",
              "responses": { "200": \(answer("VenueStatus")), "404": \(problem) } } },
        \(["start", "stop", "restart"].map(venueAction).joined(separator: ",\n")),
          "/v1/venues/{id}/report": { "parameters": [ \(venueID) ],
            "post": { "operationId": "reportReception",
              "summary": "A receiver says how late frames come; held for 15 s at most. venuectl probe --report does it",
              "requestBody": { "required": true,
                "content": { "application/json": { "schema": { "$ref": "#/components/schemas/ReceiverReport" } } } },
              "responses": \(changed("LatencyStatus")) } },
          "/v1/venues/{id}/history": { "parameters": [ \(venueID) ],
            "get": { "operationId": "getHistory", "summary": "What a venue got over the last hours, to be plotted",
              "parameters": [
                { "name": "seconds", "in": "query", "schema": { "type": "integer", "minimum": 60, "maximum": 86400,
                  "default": 3600 } },
                { "name": "points", "in": "query", "schema": { "type": "integer", "minimum": 1, "maximum": 2000,
                  "default": 360 }, "description": "at most so many" } ],
              "responses": { "200": \(answer("VenueHistory")), "4XX": \(problem), "5XX": \(problem) } } },
          "/v1/program": { "get": { "operationId": "getProgram", "summary": "The programme's status",
            "responses": { "200": \(answer("ProgramStatus")) } } },
          "/v1/program/thumbnail.jpg": { "get": { "operationId": "getProgramThumbnail",
            "summary": "The newest small picture of what goes out, one a second", "responses": \(jpeg) } },
          "/v1/inputs/{id}/thumbnail.jpg": { "parameters": [ \(venueID) ],
            "get": { "operationId": "getInputThumbnail", "summary": "The newest small picture of an input, one a second",
              "responses": \(jpeg) } },
          "/v1/program/take": { "post": { "operationId": "takeInput",
            "summary": "Puts an input or a slate on air by hand, or gives the choice back (auto)",
            "requestBody": { "required": true,
              "content": { "application/json": { "schema": { "$ref": "#/components/schemas/TakeRequest" } } } },
            "responses": \(changed("ProgramStatus")) } },
          "/v1/program/mute": { "post": { "operationId": "muteProgram", "summary": "Sends silence instead of sound",
            "responses": \(changed("ProgramStatus")) } },
          "/v1/program/unmute": { "post": { "operationId": "unmuteProgram", "summary": "Sends the sound again",
            "responses": \(changed("ProgramStatus")) } },
          "/v1/workers": { "get": { "operationId": "listWorkers", "summary": "Every worker process",
            "responses": { "200": \(answer("WorkerStatus", list: true)) } } },
          "/v1/workers/{id}/replace": { "parameters": [ \(workerID) ],
            "post": { "operationId": "replaceWorker",
              "summary": "Ends a worker's process and starts a new one, of the program as it is installed now",
              \(terms),
              "responses": \(changed("WorkerStatus", list: true)) } },
          "/v1/reload": { "post": { "operationId": "reload",
            "summary": "Reads the configuration again; only what differs is touched. Says what changed, or would",
            "requestBody": { "required": false,
              "content": { "application/json": { "schema": { "$ref": "#/components/schemas/ReloadRequest" } } } },
            "responses": \(changed("ReloadReport")) } },
          "/v1/events": { "get": { "operationId": "listEvents",
            "summary": "What was done and what happened, the oldest first; with Accept: text/event-stream as it comes",
            "parameters": [
              { "name": "since", "in": "query", "schema": { "type": "integer", "minimum": 0 },
                "description": "only later ones, from there on; without it the latest ones" },
              { "name": "limit", "in": "query", "schema": { "type": "integer", "minimum": 1, "maximum": 1000,
                "default": 100 } },
              { "name": "subject", "in": "query", "schema": { "type": "string" },
                "description": "venue finds venue/jimo" },
              { "name": "kind", "in": "query", "schema": { "type": "string" },
                "description": "worker finds worker.ended" },
              { "name": "Last-Event-ID", "in": "header", "schema": { "type": "string" },
                "description": "of a stream: goes on behind the event with that id" } ],
            "responses": { "200": { "description": "Event", "content": {
              "application/json": { "schema": { "type": "array", "items": { "$ref": "#/components/schemas/Event" } } },
              "text/event-stream": { "schema": { "type": "string",
                "description": "id, event (the kind) and data (an Event); a comment now and then" } } } },
              "4XX": \(problem), "5XX": \(problem) } } },
        \(sessionPaths)
          "/v1/alarms": { "get": { "operationId": "listAlarms",
            "summary": "What a person must know of, the gravest first",
            "responses": { "200": \(answer("AlarmStatus", list: true)) } } },
          "/v1/alarms/{id}/acknowledge": { "parameters": [ { "name": "id", "in": "path", "required": true,
              "schema": { "type": "string" } } ],
            "post": { "operationId": "acknowledgeAlarm", "summary": "Says who looks after it",
              "requestBody": { "required": false,
                "content": { "application/json": { "schema": { "$ref": "#/components/schemas/AcknowledgeRequest" } } } },
              "responses": \(changed("AlarmStatus")) } },
          "/metrics": { "get": { "operationId": "getMetrics", "summary": "For Prometheus",
            "responses": { "200": { "description": "text format, version 0.0.4",
              "content": { "text/plain": { "schema": { "type": "string" } } } } } } },
          "/healthz": { "get": { "operationId": "isAlive", "summary": "The daemon is alive",
            "responses": { "200": { "description": "ok",
              "content": { "text/plain": { "schema": { "type": "string", "const": "ok\\n" } } } } } } },
          "/readyz": { "get": { "operationId": "isReady",
            "summary": "Whether the programme and every venue meant to be on is ok",
            "responses": { "200": \(answer("Readiness")), "503": \(answer("Readiness")) } } },
          "/openapi.json": { "get": { "operationId": "getDocument", "summary": "This document",
            "responses": { "200": { "description": "OpenAPI 3.1",
              "content": { "application/json": { "schema": { "type": "object" } } } } } } }
        }
        """

    private static let venueID = """
        { "name": "id", "in": "path", "required": true,
          "schema": { "type": "string", "pattern": "^[a-z0-9-]{1,32}$" } }
        """

    private static let jpeg = """
        { "200": { "description": "JPEG", "content": { "image/jpeg": { "schema": { "type": "string",
          "contentMediaType": "image/jpeg" } } } }, "404": \(problem) }
        """

    private static let workerID = """
        { "name": "id", "in": "path", "required": true, "description": "percent-encoded: link%2Fshinan",
          "schema": { "type": "string" } }
        """

    static let problem = """
        { "description": "Why not, and what to do", "content": { "application/problem+json":
          { "schema": { "$ref": "#/components/schemas/Problem" } } } }
        """

    private static func venueAction(_ action: String) -> String {
        """
          "/v1/venues/{id}/\(action)": { "parameters": [ \(venueID) ],
            "post": { "operationId": "\(action)Venue",
              "summary": "\(action.capitalized)s the venue's link; answers when that is noted, not when it is done",
              \(terms),
              "responses": \(changed("VenueStatus")) } }
        """
    }

    static func answer(_ schema: String, list: Bool = false) -> String {
        let reference = "{ \"$ref\": \"#/components/schemas/\(schema)\" }"
        let body = list ? "{ \"type\": \"array\", \"items\": \(reference) }" : reference
        return "{ \"description\": \"\(schema)\", \"content\": { \"application/json\": { \"schema\": \(body) } } }"
    }

    static func changed(_ schema: String, list: Bool = false) -> String {
        "{ \"200\": \(answer(schema, list: list)), \"4XX\": \(problem), \"5XX\": \(problem) }"
    }
}
