package dev.ternion.cli;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.InsecureChannelCredentials;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What a client shows to a server, and what it wants to see.
 *
 * @param tls whether it speaks TLS; there is no way back to plain text
 * @param ca PEM roots of the server's certificate; null: those of the Java runtime
 * @param clientCertificate PEM chain to show; null: none
 * @param clientKey its key; null: none
 * @param token bearer token; null: none
 */
record Credentials(boolean tls, Path ca, Path clientCertificate, Path clientKey, String token) {
    /** Plain text and no token: a server of one's own on loopback. */
    static final Credentials NONE = new Credentials(false, null, null, null, null);

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    /** For the channel. */
    ChannelCredentials channel() {
        if (!tls) {
            return InsecureChannelCredentials.create();
        }
        TlsChannelCredentials.Builder builder = TlsChannelCredentials.newBuilder();
        try {
            if (ca != null) {
                builder.trustManager(ca.toFile());
            }
            if (clientCertificate != null) {
                builder.keyManager(clientCertificate.toFile(), clientKey.toFile());
            }
        } catch (IOException e) {
            throw new CliException(ExitCode.USAGE, "cannot read --ca, --client-cert or --client-key: " + e);
        }
        return builder.build();
    }

    /** Adds the token to every call. */
    ClientInterceptor tokenBearer() {
        return new ClientInterceptor() {
            @Override
            public <Q, R> ClientCall<Q, R> interceptCall(
                    MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
                return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
                    @Override
                    public void start(Listener<R> listener, Metadata headers) {
                        if (token != null) {
                            headers.put(AUTHORIZATION, "Bearer " + token);
                        }
                        super.start(listener, headers);
                    }
                };
            }
        };
    }

    @Override
    public String toString() {
        return "Credentials[tls=" + tls + ", token=" + (token == null ? "none" : "given") + "]";
    }
}
