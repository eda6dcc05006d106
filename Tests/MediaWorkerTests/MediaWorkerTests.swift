// MediaWorkerTests
