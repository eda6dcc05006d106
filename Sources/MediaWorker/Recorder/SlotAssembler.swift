import GStreamer
import Matroska

/// One slot, encoded: what goes into the file together.
struct RecordedSlot: Sendable {
    var slot: UInt64
    var picture: Buffer
    var sound: Buffer
    var format: MatroskaFormat
    var isKey: Bool
    /// The picture is the one before.
    var isRepeated: Bool
    /// Silence in place of sound that did not come.
    var missingSamples: Int

    var size: Int { picture.size + sound.size }
}

/// Brings each slot's picture and sound together again behind the encoder, in order. A decision without effects.
struct SlotAssembler: Sendable {
    enum Item: Sendable {
        case slot(RecordedSlot)
        /// The run is over: what follows does not join on.
        case end
    }

    private enum Entry: Sendable {
        case slot(slot: UInt64, isRepeated: Bool, missingSamples: Int)
        case end
    }

    /// What comes out of the encoder now.
    var format: MatroskaFormat
    /// What went into the encoder, in order.
    private var expected: [Entry] = []
    private var pictures: [UInt64: Buffer] = [:]
    private var sounds: [UInt64: Buffer] = [:]
    private var newestPicture: UInt64 = 0
    private var newestSound: UInt64 = 0
    /// Slots of which the encoder gave nothing back.
    private(set) var lost: UInt64 = 0

    init(format: MatroskaFormat) {
        self.format = format
    }

    mutating func expect(_ slot: CollectedSlot<Buffer>) {
        expected.append(.slot(slot: slot.slot, isRepeated: slot.isRepeated, missingSamples: slot.missingSamples))
    }

    mutating func expectEnd() -> [Item] {
        expected.append(.end)
        return complete()
    }

    mutating func insert(picture: Buffer, slot: UInt64) -> [Item] {
        pictures[slot] = picture
        newestPicture = max(newestPicture, slot)
        return complete()
    }

    mutating func insert(sound: Buffer, slot: UInt64) -> [Item] {
        sounds[slot] = sound
        newestSound = max(newestSound, slot)
        return complete()
    }

    private mutating func complete() -> [Item] {
        var items: [Item] = []
        while let entry = expected.first {
            guard case .slot(let slot, let isRepeated, let missing) = entry else {
                items.append(.end)
                expected.removeFirst()
                continue
            }
            if let picture = pictures[slot], let sound = sounds[slot] {
                items.append(
                    .slot(
                        RecordedSlot(
                            slot: slot, picture: picture, sound: sound, format: format, isKey: !picture.isDeltaUnit,
                            isRepeated: isRepeated, missingSamples: missing)))
            } else if (pictures[slot] == nil && newestPicture > slot) || (sounds[slot] == nil && newestSound > slot) {
                lost += 1
            } else {
                break
            }
            pictures[slot] = nil
            sounds[slot] = nil
            expected.removeFirst()
        }
        return items
    }
}
