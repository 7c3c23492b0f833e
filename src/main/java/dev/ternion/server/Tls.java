package dev.ternion.server;

import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;

/** TLS 1.3 by the JDK, and nothing older. */
final class Tls {
    private static final String VERSION = "TLSv1.3";

    private Tls() {}

    /** What the server speaks; with roots of clients' certificates, these are required. */
    static SslContext server(TlsIdentity identity) throws IOException {
        SslContextBuilder builder = GrpcSslContexts.configure(SslContextBuilder.forServer(identity), SslProvider.JDK)
                .protocols(VERSION);
        Path clientCa = identity.files().clientCa();
        if (clientCa != null) {
            builder.trustManager(Pem.certificates(clientCa).toArray(X509Certificate[]::new))
                    .clientAuth(ClientAuth.REQUIRE);
        }
        return builder.build();
    }
}
