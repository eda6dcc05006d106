/// Sessions, reports, rundown.
extension OpenAPI {
    static let sessionPaths = """
          "/v1/sessions": { "get": { "operationId": "listSessions", "summary": "Every session, planned or given",
            "responses": { "200": \(answer("SessionSummary", list: true)) } } },
          "/v1/sessions/{id}": { "parameters": [ \(sessionID) ],
            "get": { "operationId": "getSession", "summary": "One session with its reports and markers",
              "responses": { "200": \(answer("SessionSummary")), "404": \(problem) } } },
          "/v1/sessions/{id}/start": { "parameters": [ \(sessionID) ],
            "post": { "operationId": "startSession", "summary": "Begins a session and its recording, or goes on with it",
              \(terms), "responses": \(changed("SessionSummary")) } },
          "/v1/sessions/{id}/end": { "parameters": [ \(sessionID) ],
            "post": { "operationId": "endSession", "summary": "Ends a session, its report and its recording",
              \(terms), "responses": \(changed("SessionSummary")) } },
          "/v1/reports/next": { "post": { "operationId": "nextReport",
            "summary": "Begins the next report; one that runs ends", \(terms),
            "responses": \(changed("SessionStatus")) } },
          "/v1/reports/end": { "post": { "operationId": "endReport", "summary": "Ends the report: a break", \(terms),
            "responses": \(changed("SessionStatus")) } },
          "/v1/reports/undo": { "post": { "operationId": "undoReport",
            "summary": "Takes the last press about a report back; the trail is kept", \(terms),
            "responses": \(changed("SessionStatus")) } },
          "/v1/reports/{n}/start": { "parameters": [ \(reportNumber) ],
            "post": { "operationId": "startReport", "summary": "Begins this report, also out of order or again",
              \(terms), "responses": \(changed("SessionStatus")) } },
          "/v1/reports/{n}/amend": { "parameters": [ \(reportNumber) ],
            "post": { "operationId": "amendReport", "summary": "Corrects when it was given; the trail is kept",
              "requestBody": { "required": true,
                "content": { "application/json": { "schema": { "$ref": "#/components/schemas/ReportAmendment" } } } },
              "responses": \(changed("SessionSummary", list: true)) } },
          "/v1/markers": { "post": { "operationId": "setMarker", "summary": "Notes a text at this frame",
            "requestBody": { "required": true,
              "content": { "application/json": { "schema": { "$ref": "#/components/schemas/MarkRequest" } } } },
            "responses": \(changed("SessionStatus")) } },
          "/v1/rundown": {
            "get": { "operationId": "getRundown", "summary": "The rundown, and what was given of it",
              "responses": { "200": \(answer("RundownStatus")) } },
            "post": { "operationId": "loadRundown",
              "summary": "Takes the place of the rundown; sessions that have begun stay as they are",
              \(csv), "responses": \(changed("RundownStatus")) } },
          "/v1/rundown/new": { "post": { "operationId": "loadNewRundown",
            "summary": "The rundown of another activity: earlier sessions are forgotten here, their recordings stay",
            \(csv), "responses": \(changed("RundownStatus")) } },
        """

    private static let csv = """
        "requestBody": { "required": true, "content": { "text/csv": { "schema": { "type": "string",
          "description": "session,number,department,limitMinutes and title, speaker, venues; UTF-8 or GB18030" } } } }
        """

    static let terms = """
        "requestBody": { "required": false,
          "content": { "application/json": { "schema": { "$ref": "#/components/schemas/OrderTerms" } } } }
        """

    private static let sessionID = """
        { "name": "id", "in": "path", "required": true,
          "schema": { "type": "string", "pattern": "^[A-Za-z0-9-]{1,32}$" } }
        """

    private static let reportNumber = """
        { "name": "n", "in": "path", "required": true, "schema": { "type": "integer", "minimum": 1 } }
        """

    static let sessionSchemas = #"""
          "SessionStatus": { "type": "object",
            "required": ["id", "startedAt", "startedBy", "isInternal", "venues", "revision", "report", "next", "reports",
                         "given", "secondsLeft", "reasons"],
            "properties": {
              "id": { "type": "string" },
              "startedAt": { "type": "string", "format": "date-time" },
              "startedBy": { "type": "string" },
              "isInternal": { "type": "boolean", "description": "goes to chosen venues only" },
              "venues": { "type": "array", "items": { "type": "string" } },
              "revision": { "type": "integer", "description": "counts every press" },
              "report": { "oneOf": [ { "$ref": "#/components/schemas/ReportStatus" }, { "type": "null" } ],
                "description": "null: a break" },
              "next": { "oneOf": [ { "$ref": "#/components/schemas/PlannedReportStatus" }, { "type": "null" } ] },
              "reports": { "type": "integer" },
              "given": { "type": "integer" },
              "secondsLeft": { "type": "number", "description": "what the rundown still allows for" },
              "reasons": { "type": "array", "items": { "$ref": "#/components/schemas/Reason" } } } },
          "ReportStatus": { "type": "object",
            "required": ["number", "department", "title", "speaker", "attempt", "startedAt", "startedBy", "timecode",
                         "elapsedSeconds", "limitSeconds", "remainingSeconds", "countdown"],
            "properties": {
              "number": { "type": "integer" },
              "department": { "type": "string" },
              "title": { "type": ["string", "null"] },
              "speaker": { "type": ["string", "null"] },
              "attempt": { "type": "integer" },
              "startedAt": { "type": "string", "format": "date-time" },
              "startedBy": { "type": "string" },
              "timecode": { "type": "string" },
              "elapsedSeconds": { "type": "number" },
              "limitSeconds": { "type": "number" },
              "remainingSeconds": { "type": "number", "description": "below 0: over its time" },
              "countdown": { "type": "string",
                "enum": ["running", "twoMinutes", "thirtySeconds", "timeUp", "overrun"] } } },
          "PlannedReportStatus": { "type": "object",
            "required": ["number", "department", "limitSeconds", "title", "speaker"], "properties": {
              "number": { "type": "integer" },
              "department": { "type": "string" },
              "limitSeconds": { "type": "number" },
              "title": { "type": ["string", "null"] },
              "speaker": { "type": ["string", "null"] } } },
          "SessionSummary": { "type": "object",
            "required": ["id", "state", "isInternal", "venues", "startedAt", "startedBy", "endedAt", "endedBy",
                         "limitSeconds", "revision", "reports", "marks"],
            "properties": {
              "id": { "type": "string" },
              "state": { "type": "string", "enum": ["planned", "active", "ended"] },
              "isInternal": { "type": "boolean" },
              "venues": { "type": "array", "items": { "type": "string" } },
              "startedAt": { "type": ["string", "null"], "format": "date-time" },
              "startedBy": { "type": ["string", "null"] },
              "endedAt": { "type": ["string", "null"], "format": "date-time" },
              "endedBy": { "type": ["string", "null"] },
              "limitSeconds": { "type": "number" },
              "revision": { "type": "integer" },
              "reports": { "type": "array", "items": { "$ref": "#/components/schemas/ReportSummary" } },
              "marks": { "type": "array", "items": { "$ref": "#/components/schemas/MarkSummary" } } } },
          "ReportSummary": { "type": "object",
            "required": ["number", "department", "limitSeconds", "title", "speaker", "runs"], "properties": {
              "number": { "type": "integer" },
              "department": { "type": "string" },
              "limitSeconds": { "type": "number" },
              "title": { "type": ["string", "null"] },
              "speaker": { "type": ["string", "null"] },
              "runs": { "type": "array", "items": { "$ref": "#/components/schemas/RunSummary" } } } },
          "RunSummary": { "type": "object",
            "required": ["attempt", "startedAt", "endedAt", "inTimecode", "outTimecode", "durationSeconds",
                         "overrunSeconds", "startedBy", "endedBy", "amendedBy"],
            "properties": {
              "attempt": { "type": "integer" },
              "startedAt": { "type": "string", "format": "date-time" },
              "endedAt": { "type": ["string", "null"], "format": "date-time" },
              "inTimecode": { "type": "string", "description": "of the first frame" },
              "outTimecode": { "type": ["string", "null"], "description": "of the first frame after it" },
              "durationSeconds": { "type": "number" },
              "overrunSeconds": { "type": "number" },
              "startedBy": { "type": "string" },
              "endedBy": { "type": ["string", "null"] },
              "amendedBy": { "type": ["string", "null"] } } },
          "MarkSummary": { "type": "object", "required": ["text", "at", "timecode", "by"], "properties": {
            "text": { "type": "string" },
            "at": { "type": "string", "format": "date-time" },
            "timecode": { "type": "string" },
            "by": { "type": "string" } } },
          "RundownStatus": { "type": "object", "required": ["loadedAt", "loadedBy", "encoding", "sessions"],
            "properties": {
              "loadedAt": { "type": ["string", "null"], "format": "date-time" },
              "loadedBy": { "type": ["string", "null"] },
              "encoding": { "type": ["string", "null"] },
              "sessions": { "type": "array", "items": { "$ref": "#/components/schemas/SessionSummary" } } } },
          "OrderTerms": { "type": "object", "additionalProperties": false, "properties": {
            "seen": { "type": "integer", "description": "the revision that was seen: refused where another press came since" },
            "yes": { "type": "boolean", "description": "also where it endangers what runs" } } },
          "ReportAmendment": { "type": "object", "additionalProperties": false, "properties": {
            "in": { "type": "string", "description": "14:03:10:05 or 14:03:10" },
            "out": { "type": "string" },
            "session": { "type": "string", "description": "the one that runs, else the last one" },
            "attempt": { "type": "integer", "description": "the last one" } } },
          "MarkRequest": { "type": "object", "required": ["text"], "additionalProperties": false, "properties": {
            "text": { "type": "string" } } },
        """#
}
