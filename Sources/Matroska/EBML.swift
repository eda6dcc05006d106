/// Elements as bytes (RFC 8794): an identifier, a size, and what is in it.
enum EBML {
    /// Eight bytes that say "until further notice", for a size that is known only later.
    static let unknownSize: [UInt8] = [0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]

    static func id(_ id: MatroskaID) -> [UInt8] { bigEndian(UInt64(id.rawValue)) }

    /// A size of as many bytes as are asked for: one that is always as long can be written over.
    static func size(_ value: Int, bytes: Int) -> [UInt8] {
        var result = (0..<bytes).map { UInt8(truncatingIfNeeded: value >> ((bytes - 1 - $0) * 8)) }
        result[0] |= UInt8(0x80 >> (bytes - 1))
        return result
    }

    /// In as few bytes as do.
    static func size(_ value: Int) -> [UInt8] {
        // All ones is taken: it means unknown.
        let bytes = (1...8).first { value < (1 << (7 * $0)) - 1 } ?? 8
        return size(value, bytes: bytes)
    }

    static func element(_ id: MatroskaID, _ content: [UInt8]) -> [UInt8] {
        self.id(id) + size(content.count) + content
    }

    static func number(_ id: MatroskaID, _ value: Int) -> [UInt8] { element(id, bigEndian(UInt64(value))) }
    static func float(_ id: MatroskaID, _ value: Double) -> [UInt8] { element(id, float(value)) }
    static func text(_ id: MatroskaID, _ text: String) -> [UInt8] { element(id, Array(text.utf8)) }
    static func parent(_ id: MatroskaID, _ children: [UInt8]...) -> [UInt8] { element(id, children.flatMap { $0 }) }

    /// Room for something that comes later, of at least two bytes.
    static func void(_ total: Int) -> [UInt8] {
        let head = id(.void)
        let sizeBytes = total < 100 ? 1 : 4
        let content = total - head.count - sizeBytes
        return head + size(content, bytes: sizeBytes) + [UInt8](repeating: 0, count: content)
    }

    static func float(_ value: Double) -> [UInt8] { (0..<8).map { UInt8(value.bitPattern >> ((7 - $0) * 8) & 0xFF) } }

    private static func bigEndian(_ value: UInt64) -> [UInt8] {
        let count = max(1, 8 - value.leadingZeroBitCount / 8)
        return (0..<count).map { UInt8(truncatingIfNeeded: value >> ((count - 1 - $0) * 8)) }
    }
}

/// The elements of Matroska (RFC 9559) that are written or read here.
enum MatroskaID: UInt32 {
    case ebml = 0x1A45_DFA3
    case ebmlVersion = 0x4286
    case ebmlReadVersion = 0x42F7
    case ebmlMaxIDLength = 0x42F2
    case ebmlMaxSizeLength = 0x42F3
    case docType = 0x4282
    case docTypeVersion = 0x4287
    case docTypeReadVersion = 0x4285
    case void = 0xEC

    case segment = 0x1853_8067
    case seekHead = 0x114D_9B74
    case seek = 0x4DBB
    case seekID = 0x53AB
    case seekPosition = 0x53AC

    case info = 0x1549_A966
    case timestampScale = 0x2AD7B1
    case duration = 0x4489
    case dateUTC = 0x4461
    case muxingApp = 0x4D80
    case writingApp = 0x5741

    case tracks = 0x1654_AE6B
    case trackEntry = 0xAE
    case trackNumber = 0xD7
    case trackUID = 0x73C5
    case trackType = 0x83
    case flagLacing = 0x9C
    case language = 0x22B59C
    case defaultDuration = 0x23E383
    case codecID = 0x86
    case codecPrivate = 0x63A2
    case video = 0xE0
    case flagInterlaced = 0x9A
    case pixelWidth = 0xB0
    case pixelHeight = 0xBA
    case colour = 0x55B0
    case matrixCoefficients = 0x55B1
    case range = 0x55B9
    case transferCharacteristics = 0x55BA
    case primaries = 0x55BB
    case audio = 0xE1
    case samplingFrequency = 0xB5
    case channels = 0x9F
    case bitDepth = 0x6264

    case tags = 0x1254_C367
    case tag = 0x7373
    case targets = 0x63C0
    case tagTrackUID = 0x63C5
    case simpleTag = 0x67C8
    case tagName = 0x45A3
    case tagString = 0x4487

    case cluster = 0x1F43_B675
    case timestamp = 0xE7
    case simpleBlock = 0xA3

    case chapters = 0x1043_A770
    case editionEntry = 0x45B9
    case chapterAtom = 0xB6
    case chapterUID = 0x73C4
    case chapterTimeStart = 0x91
    case chapterTimeEnd = 0x92
    case chapterDisplay = 0x80
    case chapterString = 0x85
    case chapterLanguage = 0x437C

    case cues = 0x1C53_BB6B
    case cuePoint = 0xBB
    case cueTime = 0xB3
    case cueTrackPositions = 0xB7
    case cueTrack = 0xF7
    case cueClusterPosition = 0xF1
}
