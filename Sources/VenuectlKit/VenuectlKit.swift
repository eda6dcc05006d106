// VenuectlKit
