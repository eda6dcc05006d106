extension StatusTableTests {
    /// Of the sample: looked at by a person, and not to be changed without looking again.
    static let golden: [String: String] = [
        "en 80": """
        2012年“三民”活动  ! DEGRADED                                 2012-11-16 14:00:00
        Programme ✓ on air: camera  auto  25.0 fps  6104 kbit/s  [======= ] -9.1 dBFS
        Inputs    ✓ camera (on air)  ✗ standby

          venue        state     peer            Mbit/s RTT ms loss % delay ms    since
        ✓ 市南区分会场 connected 10.2.3.10:40123    6.3     12    0.0      841 13:00:00
        ✓ 市北区分会场 connected 10.2.3.11:40123    6.3     12    0.0      841 12:58:59
        ✓ 四方区分会场 connected 10.2.3.12:40123    6.3     12    0.0      841 12:57:58
        – 李沧区分会场 off       –                    –      –      –        –        –
        ! 崂山区分会场 connected 10.2.3.14:40123    6.3     12    3.2      841 12:55:56
        ✓ 黄岛区分会场 connected 10.2.3.15:40123    6.3     12    0.0      841 12:54:55
        ✓ 城阳区分会场 connected 10.2.3.16:40123    6.3     12    0.0      841 12:53:54
        ✗ 即墨市分会场 waiting   –                    –      –      –        –        –
        ✓ 胶州市分会场 connected 10.2.3.18:40123    6.3     12    0.0      841 12:51:52
        ✗ 胶南市分会场 retrying  –                    –      –      –        –        –
        ✓ 平度市分会场 connected 10.2.3.20:40123    6.3     12    0.0      841 12:49:50
        ✓ 莱西市分会场 connected 10.2.3.21:40123    6.3     12    0.0      841 12:48:49

        ✗ Input standby: 10.1.1.20 does not answer. Check its cable and its power.
        ✗ 即墨市分会场 jimo: Nobody has called yet. Ask Jimo to switch its decoder on.
        ✗ 胶南市分会场 jiaonan: The passphrase was refused. Compare keys/jiaonan with
          the decoder's.
        ! 崂山区分会场 laoshan: 3.2 % of the packets are lost. Ask the network's people
          to look at the line.
        """,
        "zh 80": """
        2012年“三民”活动  ! 异常                                     2012-11-16 14:00:00
        节目 ✓ 播出：camera  自动  25.0 帧/秒  6104 kbit/s  [======= ] -9.1 dBFS
        信号 ✓ camera（播出中）  ✗ standby

          会场         状态     对端            Mbit/s 往返ms 丢包% 延时ms   连接于
        ✓ 市南区分会场 已连接   10.2.3.10:40123    6.3     12   0.0    841 13:00:00
        ✓ 市北区分会场 已连接   10.2.3.11:40123    6.3     12   0.0    841 12:58:59
        ✓ 四方区分会场 已连接   10.2.3.12:40123    6.3     12   0.0    841 12:57:58
        – 李沧区分会场 停用     –                    –      –     –      –        –
        ! 崂山区分会场 已连接   10.2.3.14:40123    6.3     12   3.2    841 12:55:56
        ✓ 黄岛区分会场 已连接   10.2.3.15:40123    6.3     12   0.0    841 12:54:55
        ✓ 城阳区分会场 已连接   10.2.3.16:40123    6.3     12   0.0    841 12:53:54
        ✗ 即墨市分会场 等待连接 –                    –      –     –      –        –
        ✓ 胶州市分会场 已连接   10.2.3.18:40123    6.3     12   0.0    841 12:51:52
        ✗ 胶南市分会场 重试中   –                    –      –     –      –        –
        ✓ 平度市分会场 已连接   10.2.3.20:40123    6.3     12   0.0    841 12:49:50
        ✓ 莱西市分会场 已连接   10.2.3.21:40123    6.3     12   0.0    841 12:48:49

        ✗ 信号源 standby：10.1.1.20 没有应答。请检查网线和电源。
        ✗ 即墨市分会场 jimo：尚无解码器呼叫。请即墨会场打开解码器。
        ✗ 胶南市分会场 jiaonan：密码被拒绝。请核对 keys/jiaonan 与解码器中的密码。
        ! 崂山区分会场 laoshan：丢包率 3.2%。请网络部门检查线路。
        """,
        "en 120": """
        2012年“三民”活动  ! DEGRADED  venues: 8 ok, 1 degraded, 2 failed, 1 off                              2012-11-16 14:00:00
        Programme ✓ on air: camera  auto  25.0 fps  6104 kbit/s  [======= ] -9.1 dBFS
        Inputs    ✓ camera (on air)  ✗ standby

          venue        id        state     peer            Mbit/s RTT ms loss % delay ms    since
        ✓ 市南区分会场 shinan    connected 10.2.3.10:40123    6.3     12    0.0      841 13:00:00
        ✓ 市北区分会场 shibei    connected 10.2.3.11:40123    6.3     12    0.0      841 12:58:59
        ✓ 四方区分会场 sifang    connected 10.2.3.12:40123    6.3     12    0.0      841 12:57:58
        – 李沧区分会场 licang    off       –                    –      –      –        –        –
        ! 崂山区分会场 laoshan   connected 10.2.3.14:40123    6.3     12    3.2      841 12:55:56
        ✓ 黄岛区分会场 huangdao  connected 10.2.3.15:40123    6.3     12    0.0      841 12:54:55
        ✓ 城阳区分会场 chengyang connected 10.2.3.16:40123    6.3     12    0.0      841 12:53:54
        ✗ 即墨市分会场 jimo      waiting   –                    –      –      –        –        –
        ✓ 胶州市分会场 jiaozhou  connected 10.2.3.18:40123    6.3     12    0.0      841 12:51:52
        ✗ 胶南市分会场 jiaonan   retrying  –                    –      –      –        –        –
        ✓ 平度市分会场 pingdu    connected 10.2.3.20:40123    6.3     12    0.0      841 12:49:50
        ✓ 莱西市分会场 laixi     connected 10.2.3.21:40123    6.3     12    0.0      841 12:48:49

        ✗ Input standby: 10.1.1.20 does not answer. Check its cable and its power.
        ✗ 即墨市分会场 jimo: Nobody has called yet. Ask Jimo to switch its decoder on.
        ✗ 胶南市分会场 jiaonan: The passphrase was refused. Compare keys/jiaonan with the decoder's.
        ! 崂山区分会场 laoshan: 3.2 % of the packets are lost. Ask the network's people to look at the line.
        """,
        "zh 120": """
        2012年“三民”活动  ! 异常  分会场：正常 8，异常 1，故障 2，停用 1                                     2012-11-16 14:00:00
        节目 ✓ 播出：camera  自动  25.0 帧/秒  6104 kbit/s  [======= ] -9.1 dBFS
        信号 ✓ camera（播出中）  ✗ standby

          会场         id        状态     对端            Mbit/s 往返ms 丢包% 延时ms   连接于
        ✓ 市南区分会场 shinan    已连接   10.2.3.10:40123    6.3     12   0.0    841 13:00:00
        ✓ 市北区分会场 shibei    已连接   10.2.3.11:40123    6.3     12   0.0    841 12:58:59
        ✓ 四方区分会场 sifang    已连接   10.2.3.12:40123    6.3     12   0.0    841 12:57:58
        – 李沧区分会场 licang    停用     –                    –      –     –      –        –
        ! 崂山区分会场 laoshan   已连接   10.2.3.14:40123    6.3     12   3.2    841 12:55:56
        ✓ 黄岛区分会场 huangdao  已连接   10.2.3.15:40123    6.3     12   0.0    841 12:54:55
        ✓ 城阳区分会场 chengyang 已连接   10.2.3.16:40123    6.3     12   0.0    841 12:53:54
        ✗ 即墨市分会场 jimo      等待连接 –                    –      –     –      –        –
        ✓ 胶州市分会场 jiaozhou  已连接   10.2.3.18:40123    6.3     12   0.0    841 12:51:52
        ✗ 胶南市分会场 jiaonan   重试中   –                    –      –     –      –        –
        ✓ 平度市分会场 pingdu    已连接   10.2.3.20:40123    6.3     12   0.0    841 12:49:50
        ✓ 莱西市分会场 laixi     已连接   10.2.3.21:40123    6.3     12   0.0    841 12:48:49

        ✗ 信号源 standby：10.1.1.20 没有应答。请检查网线和电源。
        ✗ 即墨市分会场 jimo：尚无解码器呼叫。请即墨会场打开解码器。
        ✗ 胶南市分会场 jiaonan：密码被拒绝。请核对 keys/jiaonan 与解码器中的密码。
        ! 崂山区分会场 laoshan：丢包率 3.2%。请网络部门检查线路。
        """,
    ]
}
