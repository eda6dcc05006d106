import Hummingbird
import VenuecastModel

extension TakeRequest {
    init(reading body: ByteBuffer) throws(ControlError) {
        let form = RequestBody<TakeRequest>(
            keys: ["input": "a string", "force": "a boolean"], required: ["input"],
            example: #"Send {"input": "ID"}, {"input": "slate:ID"} or {"input": "auto"}; "#
                + #"with "force": true also for an input that is dead."#)
        guard let request = try form.read(body) else { throw form.refusal("The request has no body.") }
        if request.input.isEmpty { throw form.refusal("The value of \"input\" is empty.") }
        self = request
    }
}

extension ReloadRequest {
    init(reading body: ByteBuffer) throws(ControlError) {
        let form = RequestBody<ReloadRequest>(
            keys: ["dryRun": "a boolean", "file": "a string", "yes": "a boolean"],
            example: #"Send nothing, or {"dryRun": true} to see what would change; "#
                + #"with "file": "/absolute/path" for another file than the daemon's own; "yes": true also in a session."#
        )
        self = try form.read(body) ?? ReloadRequest()
        if let file, !file.hasPrefix("/") { throw form.refusal("The value of \"file\" is not an absolute path.") }
    }
}
