import GStreamer
import WorkerProtocol

extension HouseFormat.Chroma {
    /// As GStreamer calls it.
    var pictureFormat: String {
        switch self {
        case .yuv420: "I420"
        case .yuv422: "UYVY"
        }
    }
}

extension HouseFormat {
    /// What every pipeline file may use inside caps.
    var placeholders: [String: PlaceholderValue] {
        [
            "width": .integer(Int64(width)), "height": .integer(Int64(height)),
            "frameRate": .integer(Int64(frameRate)), "pictureFormat": .text(chroma.pictureFormat),
        ]
    }

    /// Nanoseconds of one frame.
    var frameDuration: UInt64 { 1_000_000_000 / UInt64(frameRate) }

    /// Of a raw picture on a feed.
    var pictureCaps: String {
        "video/x-raw,format=\(chroma.pictureFormat),width=\(width),height=\(height),framerate=\(frameRate)/1,"
            + "pixel-aspect-ratio=1/1,colorimetry=bt709,interlace-mode=progressive"
    }

    /// Whether a feed's caps are of this size and format.
    func fits(_ caps: String) -> Bool {
        let structure = Caps(caps).first
        return structure?["width"]?.intValue == Int64(width) && structure?["height"]?.intValue == Int64(height)
            && structure?["format"]?.stringValue == chroma.pictureFormat
    }
}

/// How a raw picture of the house lies in memory, as `gst_video_info_set_format` has it: rows are rounded up to four
/// bytes. Limited-range BT.709.
struct PictureLayout: Sendable, Equatable {
    struct Colour: Sendable, Equatable {
        var y: UInt8
        var u: UInt8
        var v: UInt8

        static let black = Colour(y: 16, u: 128, v: 128)
        static let white = Colour(y: 235, u: 128, v: 128)
        static let dark = Colour(y: 32, u: 128, v: 128)
        static let red = Colour(y: 63, u: 102, v: 240)
    }

    struct Rectangle: Sendable, Equatable {
        var x: Int
        var y: Int
        var width: Int
        var height: Int
    }

    /// Luma, or one half of the colour.
    private struct Component: Equatable {
        var value: KeyPath<Colour, UInt8> & Sendable
        var offset: Int
        /// Bytes from one row to the next, and from one sample to the next in a row.
        var stride: Int
        var step: Int
        /// Pixels for each sample.
        var across: Int
        var down: Int
        /// Samples.
        var columns: Int
        var rows: Int
    }

    /// Bytes.
    let size: Int
    private let components: [Component]

    init(_ house: HouseFormat) {
        func rounded(_ bytes: Int) -> Int { (bytes + 3) & ~3 }
        let (width, height) = (house.width, house.height)
        let half = (columns: (width + 1) / 2, rows: (height + 1) / 2)
        switch house.chroma {
        case .yuv420:
            let luma = rounded(width)
            let chroma = rounded(half.columns)
            let u = luma * 2 * half.rows
            let v = u + chroma * half.rows
            size = v + chroma * half.rows
            components = [
                Component(
                    value: \.y, offset: 0, stride: luma, step: 1, across: 1, down: 1, columns: width, rows: height),
                Component(
                    value: \.u, offset: u, stride: chroma, step: 1, across: 2, down: 2, columns: half.columns,
                    rows: half.rows),
                Component(
                    value: \.v, offset: v, stride: chroma, step: 1, across: 2, down: 2, columns: half.columns,
                    rows: half.rows),
            ]
        case .yuv422:
            // U Y V Y for two pixels.
            let stride = rounded(half.columns * 4)
            size = stride * height
            components = [
                Component(
                    value: \.y, offset: 1, stride: stride, step: 2, across: 1, down: 1, columns: width, rows: height),
                Component(
                    value: \.u, offset: 0, stride: stride, step: 4, across: 2, down: 1, columns: half.columns,
                    rows: height),
                Component(
                    value: \.v, offset: 2, stride: stride, step: 4, across: 2, down: 1, columns: half.columns,
                    rows: height),
            ]
        }
    }

    /// What of the rectangle lies in the picture. Bytes that are not of this layout stay as they are.
    func fill(_ rectangle: Rectangle, _ colour: Colour, _ bytes: UnsafeMutableRawBufferPointer) {
        guard bytes.count >= size else { return }
        for component in components {
            let value = colour[keyPath: component.value]
            func samples(_ start: Int, _ length: Int, _ pixels: Int, _ limit: Int) -> Range<Int> {
                let from = min(max(0, start / pixels), limit)
                return from..<max(from, min((start + length + pixels - 1) / pixels, limit))
            }
            let columns = samples(rectangle.x, rectangle.width, component.across, component.columns)
            for row in samples(rectangle.y, rectangle.height, component.down, component.rows) {
                let start = component.offset + row * component.stride
                if component.step == 1 {
                    bytes[(start + columns.lowerBound)..<(start + columns.upperBound)].initializeMemory(
                        as: UInt8.self, repeating: value)
                } else {
                    for column in columns { bytes[start + column * component.step] = value }
                }
            }
        }
    }
}

extension Buffer {
    /// A black picture of the house format.
    static func black(_ house: HouseFormat) -> Buffer {
        let layout = PictureLayout(house)
        return allocate(size: layout.size) { bytes in
            layout.fill(.init(x: 0, y: 0, width: house.width, height: house.height), .black, bytes)
        }
    }
}
