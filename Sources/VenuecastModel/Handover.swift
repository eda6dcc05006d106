import Foundation

/// A line of `deliveries.jsonl` in a session's directory: that a delivery was made.
public struct DeliveryMark: Codable, Sendable, Equatable {
    public static let file = "deliveries.jsonl"

    /// RFC 3339.
    public var at: String
    /// The user who had it made.
    public var by: String
    /// Its directory's name, and where that was.
    public var delivery: String
    public var to: String
    public var files: Int
    public var bytes: Int
    /// XXH64 of its `ascmhl/ascmhl_chain.xml`, which stands for all that it names.
    public var chainXXH64: String

    public init(
        at: String, by: String, delivery: String, to: String, files: Int, bytes: Int, chainXXH64: String
    ) {
        self.at = at
        self.by = by
        self.delivery = delivery
        self.to = to
        self.files = files
        self.bytes = bytes
        self.chainXXH64 = chainXXH64
    }
}

/// A line of `receipts.jsonl` in a session's directory: that somebody has a delivery, whole.
public struct ReceiptMark: Codable, Sendable, Equatable {
    public static let file = "receipts.jsonl"

    /// RFC 3339.
    public var at: String
    public var uid: UInt32?
    /// A user of this machine, or whose token it was.
    public var user: String
    public var receipt: DeliveryReceipt

    public init(at: String, uid: UInt32?, user: String, receipt: DeliveryReceipt) {
        self.at = at
        self.uid = uid
        self.user = user
        self.receipt = receipt
    }
}

/// A delivery as `GET /v1/recordings/{session}` has it.
public struct DeliveryStatus: Codable, Sendable, Equatable {
    public struct Received: Codable, Sendable, Equatable {
        public var at: String
        public var by: String

        public init(at: String, by: String) {
            self.at = at
            self.by = by
        }
    }

    public var delivery: String
    /// Null: nobody has written down that it was made, and yet somebody has it.
    @Nullable public var at: String?
    @Nullable public var by: String?
    @Nullable public var to: String?
    public var files: Int
    public var bytes: Int
    public var received: [Received]

    /// - Parameters: as the lines stand in their files.
    public static func all(_ marks: [DeliveryMark], _ receipts: [ReceiptMark]) -> [DeliveryStatus] {
        var result: [DeliveryStatus] = []
        var chains: [String] = []
        for mark in marks {
            chains.append(mark.chainXXH64)
            result.append(
                DeliveryStatus(
                    delivery: mark.delivery, at: mark.at, by: mark.by, to: mark.to, files: mark.files,
                    bytes: mark.bytes))
        }
        for receipt in receipts {
            if !chains.contains(receipt.receipt.chainXXH64) {
                chains.append(receipt.receipt.chainXXH64)
                result.append(
                    DeliveryStatus(
                        delivery: receipt.receipt.delivery, files: receipt.receipt.files, bytes: receipt.receipt.bytes))
            }
            // The same content in two places is one to whoever got it.
            for index in result.indices where chains[index] == receipt.receipt.chainXXH64 {
                result[index].received.append(Received(at: receipt.at, by: receipt.user))
            }
        }
        return result
    }

    private init(
        delivery: String, at: String? = nil, by: String? = nil, to: String? = nil, files: Int, bytes: Int
    ) {
        self.delivery = delivery
        self.files = files
        self.bytes = bytes
        received = []
        self.at = at
        self.by = by
        self.to = to
    }
}
