import ArchiveAccess
import ArgumentParser
import ControlClient
import Delivery
import Foundation

/// Where recordings are asked for over the network.
struct RemoteOptions: ParsableArguments {
    @Option(help: "Over the network: https://HOST:PORT of the main venue's archive.")
    var url: String?

    @Option(help: "A file with the token that the main venue gave you; chmod 600.")
    var tokenFile: String?

    @Option(help: "A file with the certificate's authority (PEM), where this machine does not know it.")
    var ca: String?

    func validate() throws {
        guard (url == nil) == (tokenFile == nil) else {
            throw ValidationError("--url and --token-file belong together.")
        }
        guard ca == nil || url != nil else { throw ValidationError("--ca is of use with --url alone.") }
    }

    func asker(_ context: Context, _ global: GlobalOptions) throws -> Asker {
        guard let url, let tokenFile else {
            return Asker(archiveNamed: global.socket, environment: context.console.environment)
        }
        do {
            let token = String(decoding: try ArchiveToken.secret(in: tokenFile), as: UTF8.self)
            return Asker(try RemoteArchive(url: url, token: token, authority: ca))
        } catch let fault as RemoteArchive.Fault {
            throw DeliveryError(fault.text, fault.textZh, next: "", "")
        } catch let fault as ArchiveFault {
            throw DeliveryError(
                "\(fault.cause): \(fault.nextStep).", "无法使用令牌文件 \(tokenFile)：\(fault.cause)。",
                next: "Nothing was asked for.", "未发出请求。")
        }
    }
}
