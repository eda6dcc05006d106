// GStreamerTests
