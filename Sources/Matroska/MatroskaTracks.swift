extension MatroskaFormat {
    /// Reads what `MatroskaWriter` put into a file's header.
    /// - Parameter bytes: of the `Tracks` element, its head included.
    /// - Returns: nil when it is not one picture and one uncompressed sound.
    public init?(tracks bytes: [UInt8]) {
        guard let top = Self.elements(bytes[...]).first, top.id == MatroskaID.tracks.rawValue else { return nil }
        var picture: [UInt32: ArraySlice<UInt8>] = [:]
        var sound: [UInt32: ArraySlice<UInt8>] = [:]
        for entry in Self.elements(top.content) where entry.id == MatroskaID.trackEntry.rawValue {
            var fields: [UInt32: ArraySlice<UInt8>] = [:]
            for field in Self.elements(entry.content) {
                fields[field.id] = field.content
                if [MatroskaID.video.rawValue, MatroskaID.audio.rawValue].contains(field.id) {
                    for inner in Self.elements(field.content) { fields[inner.id] = inner.content }
                }
            }
            switch fields[MatroskaID.codecID.rawValue].map({ String(decoding: $0, as: UTF8.self) }) {
            case "V_MPEG4/ISO/AVC": picture = fields
            case "A_PCM/INT/LIT": sound = fields
            default: return nil
            }
        }
        func number(_ fields: [UInt32: ArraySlice<UInt8>], _ id: MatroskaID) -> Int? {
            fields[id.rawValue].map { $0.reduce(0) { $0 << 8 | Int($1) } }
        }
        guard let width = number(picture, .pixelWidth), let height = number(picture, .pixelHeight),
            let configuration = picture[MatroskaID.codecPrivate.rawValue],
            let duration = number(picture, .defaultDuration), let channels = number(sound, .channels),
            let bitDepth = number(sound, .bitDepth), let rate = number(sound, .samplingFrequency)
        else { return nil }
        self.init(
            width: width, height: height, codecPrivate: Array(configuration), frameMilliseconds: duration / 1_000_000,
            sampleRate: Int(Double(bitPattern: UInt64(rate))), channels: channels, bitDepth: bitDepth)
    }

    /// What stands one after another, as far as it is whole.
    private static func elements(_ bytes: ArraySlice<UInt8>) -> [(id: UInt32, content: ArraySlice<UInt8>)] {
        var result: [(UInt32, ArraySlice<UInt8>)] = []
        var rest = bytes
        while let first = rest.first {
            let idLength = first.leadingZeroBitCount + 1
            guard idLength <= 4, rest.count > idLength else { break }
            let id = rest.prefix(idLength).reduce(0) { $0 << 8 | UInt32($1) }
            rest = rest.dropFirst(idLength)
            let sizeLength = rest.first!.leadingZeroBitCount + 1
            guard sizeLength <= 8, rest.count >= sizeLength else { break }
            var size = Int(rest.first!) & ((1 << (8 - sizeLength)) - 1)
            for byte in rest.prefix(sizeLength).dropFirst() { size = size << 8 | Int(byte) }
            rest = rest.dropFirst(sizeLength)
            guard rest.count >= size else { break }
            result.append((id, rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return result
    }
}

extension MatroskaScanner {
    /// Goes on at the next place that looks like a cluster, after a failure.
    /// - Returns: false when there is none any more.
    public mutating func resynchronise(size: Int, read: (_ offset: Int, _ count: Int) throws -> [UInt8]) rethrows
        -> Bool
    {
        // A cluster of ours: identifier, four bytes of size, and a timestamp of four bytes.
        let mark: [UInt8] = [0x1F, 0x43, 0xB6, 0x75]
        var at = next + 1
        while at < size {
            let bytes = try read(at, 1 << 20)
            guard bytes.count >= 12 else { return false }
            for index in 0...(bytes.count - 12)
            where bytes[index] == mark[0] && bytes[index..<(index + 4)].elementsEqual(mark)
                && bytes[index + 4] & 0xF0 == 0x10 && bytes[index + 8] == 0xE7 && bytes[index + 9] == 0x84
            {
                next = at + index
                return true
            }
            at += bytes.count - 11
        }
        return false
    }
}
