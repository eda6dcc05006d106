import Glibc
import VenuectlKit

exit(await Venuectl.run(Array(CommandLine.arguments.dropFirst()), console: .standard()))
