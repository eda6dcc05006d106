import Hummingbird
import LinuxSystem
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

extension DeliveryReceipt {
    init(reading body: ByteBuffer) throws(ControlError) {
        let form = RequestBody<DeliveryReceipt>(
            keys: ["delivery": "a string", "files": "a number", "bytes": "a number", "chainXXH64": "a string"],
            required: ["delivery", "files", "bytes", "chainXXH64"],
            example: #"Send {"delivery": "20121126_S1", "files": 120, "bytes": 1, "chainXXH64": "16 digits"}."#)
        guard let receipt = try form.read(body) else { throw form.refusal("The request has no body.") }
        let isPlain = FileTree.isPlain(receipt.delivery) && !receipt.delivery.contains("/")
        guard isPlain, receipt.delivery.utf8.count <= 255, receipt.chainXXH64.utf8.count == 16, receipt.files >= 0,
            receipt.bytes >= 0
        else { throw form.refusal("It is no receipt of a delivery.") }
        self = receipt
    }
}
