// swift-tools-version: 6.2
import PackageDescription

// Versions are pinned exactly: no lock file travels with this package.
let package = Package(
    name: "venuecast",
    products: [
        .executable(name: "venuecastd", targets: ["venuecastd"]),
        .executable(name: "venuecast-worker", targets: ["venuecast-worker"]),
        .executable(name: "venuectl", targets: ["venuectl"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        // What every part may use; nothing here knows of media or of venues.
        .systemLibrary(
            name: "CGStreamer",
            pkgConfig: "gstreamer-app-1.0 gstreamer-video-1.0 gio-2.0",
            providers: [.apt(["libgstreamer1.0-dev", "libgstreamer-plugins-base1.0-dev"])]),
        .target(name: "CLinux"),
        .target(name: "LinuxSystem", dependencies: ["CLinux", .product(name: "Logging", package: "swift-log")]),
        .target(name: "GStreamer", dependencies: ["CGStreamer"]),
        .target(name: "TransportStream"),
        .target(name: "Matroska"),
        // Its types alone: what measures opens the library when it needs it, so that nothing else does.
        .systemLibrary(name: "CEBUR128", providers: [.apt(["libebur128-dev"])]),
        .target(name: "Loudness", dependencies: ["CEBUR128"]),

        // What the daemon and its workers say to each other.
        .target(name: "WorkerProtocol"),

        // Recordings as the broadcaster gets them; runs without a daemon.
        .target(
            name: "Delivery",
            dependencies: [
                "CLinux", "LinuxSystem", "Loudness", "Matroska", "VenuecastModel", "WorkerProtocol",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),

        // The workers' half: the only part that links GStreamer.
        .target(
            name: "MediaWorker",
            dependencies: [
                "CLinux", "GStreamer", "LinuxSystem", "Loudness", "Matroska", "TransportStream", "WorkerProtocol",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .executableTarget(name: "venuecast-worker", dependencies: ["MediaWorker"]),

        // The daemon's half.
        .target(name: "VenuecastModel"),
        // Certificates and tokens of what is served over the network.
        .target(
            name: "ArchiveAccess",
            dependencies: [
                "LinuxSystem", "VenuecastModel",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        .target(
            name: "VenuecastConfiguration",
            dependencies: [
                "ArchiveAccess", "LinuxSystem", "VenuecastModel", "WorkerProtocol",
                .product(name: "TOMLKit", package: "TOMLKit"),
            ]),
        // Rundown, reports, as-run log: no media, no HTTP.
        .target(name: "Sessions", dependencies: ["VenuecastModel", "WorkerProtocol"]),
        .target(
            name: "Supervision",
            dependencies: ["LinuxSystem", "WorkerProtocol", .product(name: "Logging", package: "swift-log")]),
        .target(
            name: "Coordinator",
            dependencies: [
                "ArchiveAccess", "VenuecastConfiguration", "Latency", "LinuxSystem", "Sessions", "Supervision",
                "VenuecastModel",
                "WorkerProtocol",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .target(
            name: "EventLog",
            dependencies: [
                "LinuxSystem", "VenuecastModel",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .target(
            name: "ControlAPI",
            dependencies: [
                "ArchiveAccess", "EventLog", "LinuxSystem", "VenuecastModel",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        // How late every venue is; what is measured against what is only estimated.
        .target(name: "Latency", dependencies: ["LinuxSystem", "VenuecastModel"]),
        .target(
            name: "History",
            dependencies: [
                "LinuxSystem", "VenuecastModel", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .target(name: "Alarms", dependencies: ["LinuxSystem", "VenuecastModel"]),
        .target(
            name: "Monitoring",
            dependencies: [
                "Alarms", "EventLog", "History", "Latency", "LinuxSystem", "VenuecastModel",
                .product(name: "Crypto", package: "swift-crypto"), .product(name: "Logging", package: "swift-log"),
            ]),
        .executableTarget(
            name: "venuecastd",
            dependencies: [
                "Alarms", "ArchiveAccess", "VenuecastConfiguration", "ControlAPI", "ControlClient", "Coordinator",
                "EventLog", "History", "Latency", "LinuxSystem",
                "Monitoring", "Supervision", "VenuecastModel", "WorkerProtocol",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),

        // The operator's half.
        .target(
            name: "ControlClient",
            dependencies: [
                "VenuecastModel",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        .target(
            name: "VenuectlKit",
            dependencies: [
                "ArchiveAccess", "VenuecastConfiguration", "CLinux", "ControlClient", "Delivery", "EventLog",
                "LinuxSystem", "VenuecastModel", "WorkerProtocol",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]),
        .executableTarget(name: "venuectl", dependencies: ["VenuectlKit"]),

        // A whole system on one machine: for the demonstration, the tests and the benchmark.
        .target(
            name: "Rig",
            dependencies: ["ControlClient", "LinuxSystem", "TransportStream", "VenuecastModel"]),
        .executableTarget(name: "venuecast-demo", dependencies: ["Rig"]),
        .executableTarget(
            name: "venuecast-bench",
            dependencies: ["Rig", "ControlClient", "LinuxSystem", "Matroska", "VenuecastModel", "WorkerProtocol"]),

        .target(name: "Chaos", dependencies: ["Rig", "ControlClient", "LinuxSystem", "VenuecastModel"]),
        .executableTarget(name: "venuecast-chaos", dependencies: ["Chaos", "LinuxSystem"]),

        .testTarget(name: "GStreamerTests", dependencies: ["GStreamer"]),
        .testTarget(name: "LinuxSystemTests", dependencies: ["LinuxSystem"]),
        .testTarget(name: "TransportStreamTests", dependencies: ["TransportStream"]),
        .testTarget(name: "SupervisionTests", dependencies: ["Supervision", "WorkerProtocol", "LinuxSystem"]),
        .testTarget(
            name: "MediaWorkerTests",
            dependencies: [
                "Delivery", "MediaWorker", "GStreamer", "LinuxSystem", "Matroska", "Rig", "TransportStream",
                "WorkerProtocol",
            ]),
        .testTarget(
            name: "DeliveryTests",
            dependencies: [
                "Delivery", "LinuxSystem", "Matroska", "Rig", "Sessions", "VenuecastModel", "VenuectlKit",
                "WorkerProtocol", "venuectl",
            ]),
        .testTarget(
            name: "VenuecastConfigurationTests",
            dependencies: ["ArchiveAccess", "VenuecastConfiguration", "VenuecastModel"]),
        .testTarget(name: "SessionsTests", dependencies: ["Sessions", "VenuecastModel", "WorkerProtocol"]),
        .testTarget(
            name: "CoordinatorTests",
            dependencies: [
                "Coordinator", "Sessions", "VenuecastConfiguration", "VenuecastModel", "WorkerProtocol",
            ]),
        .testTarget(
            name: "ControlAPITests",
            dependencies: [
                "ArchiveAccess", "ControlAPI", "ControlClient", "Delivery", "EventLog", "LinuxSystem", "Rig",
                "VenuectlKit", "VenuecastModel", "WorkerProtocol",
            ]),
        .testTarget(name: "LatencyTests", dependencies: ["Latency", "LinuxSystem", "VenuecastModel"]),
        .testTarget(
            name: "HistoryTests",
            dependencies: [
                "History", "LinuxSystem", "Rig", "VenuecastModel", .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(name: "AlarmsTests", dependencies: ["Alarms", "LinuxSystem", "VenuecastModel"]),
        .testTarget(name: "EventLogTests", dependencies: ["EventLog", "LinuxSystem", "Rig", "VenuecastModel"]),
        .testTarget(
            name: "MonitoringTests",
            dependencies: [
                "Monitoring", "EventLog", "History", "Latency", "LinuxSystem", "Rig", "VenuecastModel",
                .product(name: "Crypto", package: "swift-crypto"), .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(
            name: "SystemTests",
            dependencies: [
                "Chaos", "Rig", "ControlClient", "Coordinator", "EventLog", "LinuxSystem", "Sessions", "Supervision",
                "TransportStream",
                "VenuecastConfiguration", "VenuecastModel", "WorkerProtocol",
                "venuecastd", "venuecast-worker", "venuectl",
            ]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)

// Our own warnings are errors; those of packages are theirs.
for target in package.targets where ![.system].contains(target.type) && target.name != "CLinux" {
    target.swiftSettings = (target.swiftSettings ?? []) + [.treatAllWarnings(as: .error)]
}
