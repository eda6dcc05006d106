import Glibc
import MediaWorker

exit(await WorkerMain.run(Array(CommandLine.arguments.dropFirst())))
