package dev.ternion.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.ternion.TestCertificates;
import dev.ternion.TestCertificates.Pair;
import dev.ternion.api.v1.JobServiceGrpc;
import dev.ternion.api.v1.ListJobsRequest;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsIT {
    @TempDir
    private static Path made;

    private static TestCertificates certificates;
    private static Path ca;
    private static Pair first;
    private static Pair second;
    private static Pair client;

    @TempDir
    private Path folder;

    private TestServer test;
    private TlsIdentity identity;

    @BeforeAll
    static void make() throws Exception {
        certificates = new TestCertificates(made.resolve("good"));
        ca = certificates.ca();
        first = certificates.server("first", "EC");
        second = certificates.server("second", "RSA");
        client = certificates.client("client");
    }

    private void start(Path clientCa) throws IOException {
        Pair pair = copy(first);
        identity = new TlsIdentity(new TlsFiles(pair.certificate(), pair.key(), clientCa));
        test = new TestServer(folder, settings -> settings, new ServerAccess(identity, null, null, () -> 0));
    }

    @AfterEach
    void stop() throws Exception {
        if (test != null) {
            test.close();
        }
    }

    @Test
    void itSpeaksTls13AndNothingOlderAndNoPlainText() throws Exception {
        start(null);
        assertThat(call(
                        TlsChannelCredentials.newBuilder()
                                .trustManager(ca.toFile())
                                .build(),
                        null))
                .isEqualTo("OK");
        assertThat(call(InsecureChannelCredentials.create(), null)).isEqualTo("UNAVAILABLE");
        assertThat(handshake("TLSv1.3").getSubjectX500Principal().getName()).isEqualTo("CN=first");
        for (String old : new String[] {"TLSv1.2", "TLSv1.1", "TLSv1"}) {
            assertThatExceptionOfType(SSLException.class).as(old).isThrownBy(() -> handshake(old));
        }
    }

    @Test
    void aClientTakesNoOtherNameAndNoOtherRoot() throws Exception {
        start(null);
        ChannelCredentials good =
                TlsChannelCredentials.newBuilder().trustManager(ca.toFile()).build();
        assertThat(call(good, "localhost")).isEqualTo("OK");
        assertThat(call(good, "other.example")).isEqualTo("UNAVAILABLE");
        Path stranger = new TestCertificates(folder.resolve("bad")).ca();
        assertThat(call(
                        TlsChannelCredentials.newBuilder()
                                .trustManager(stranger.toFile())
                                .build(),
                        null))
                .isEqualTo("UNAVAILABLE");
    }

    @Test
    void clientsShowACertificateOfTheRootOrGetNowhere() throws Exception {
        start(ca);
        TlsChannelCredentials.Builder none = TlsChannelCredentials.newBuilder().trustManager(ca.toFile());
        assertThat(call(none.build(), null)).isEqualTo("UNAVAILABLE");
        assertThat(call(with(client), null)).isEqualTo("OK");
        TestCertificates strangers = new TestCertificates(folder.resolve("bad"));
        strangers.ca();
        assertThat(call(with(strangers.client("client")), null)).isEqualTo("UNAVAILABLE");
    }

    @Test
    void newFilesAreTakenOverAndBrokenOnesAreNot() throws Exception {
        start(null);
        Files.copy(second.certificate(), copied("server.pem"), StandardCopyOption.REPLACE_EXISTING);
        identity.refresh();
        assertThat(subject()).as("the key is still the old one").isEqualTo("CN=first");
        Files.writeString(copied("server.key.pem"), "no key");
        identity.refresh();
        assertThat(subject()).isEqualTo("CN=first");
        copy(second);
        identity.refresh();
        assertThat(subject()).isEqualTo("CN=second");
        Files.delete(copied("server.pem"));
        identity.refresh();
        assertThat(subject()).isEqualTo("CN=second");
        copy(first);
        identity.refresh();
        assertThat(subject()).isEqualTo("CN=first");
    }

    @Test
    void aServerDoesNotStartOnFilesThatDoNotFit() throws Exception {
        Path none = folder.resolve("none");
        Path empty = Files.writeString(folder.resolve("empty"), "");
        for (TlsFiles files : new TlsFiles[] {
            new TlsFiles(none, first.key(), null),
            new TlsFiles(first.certificate(), none, null),
            new TlsFiles(empty, first.key(), null),
            new TlsFiles(first.certificate(), empty, null),
            new TlsFiles(first.certificate(), second.key(), null),
            new TlsFiles(first.key(), first.certificate(), null)
        }) {
            assertThatIOException().as("%s", files).isThrownBy(() -> new TlsIdentity(files));
        }
    }

    private Path copied(String name) {
        return folder.resolve(name);
    }

    private Pair copy(Pair pair) throws IOException {
        Files.copy(pair.certificate(), copied("server.pem"), StandardCopyOption.REPLACE_EXISTING);
        Files.copy(pair.key(), copied("server.key.pem"), StandardCopyOption.REPLACE_EXISTING);
        return new Pair(copied("server.pem"), copied("server.key.pem"));
    }

    private static ChannelCredentials with(Pair pair) throws IOException {
        return TlsChannelCredentials.newBuilder()
                .trustManager(ca.toFile())
                .keyManager(pair.certificate().toFile(), pair.key().toFile())
                .build();
    }

    /** OK, or what went wrong. */
    private String call(ChannelCredentials credentials, String authority) throws InterruptedException {
        var builder = Grpc.newChannelBuilder("127.0.0.1:" + test.server.port(), credentials);
        if (authority != null) {
            builder.overrideAuthority(authority);
        }
        ManagedChannel channel = builder.build();
        try {
            JobServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(1, TimeUnit.MINUTES)
                    .listJobs(ListJobsRequest.getDefaultInstance());
            return "OK";
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode().name();
        } finally {
            channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
        }
    }

    private String subject() throws Exception {
        return handshake("TLSv1.3").getSubjectX500Principal().getName();
    }

    /** The certificate that a connection with this protocol alone is shown. */
    private X509Certificate handshake(String protocol) throws Exception {
        try (SSLSocket socket =
                (SSLSocket) trusting().getSocketFactory().createSocket("127.0.0.1", test.server.port())) {
            socket.setSoTimeout(60_000);
            socket.setEnabledProtocols(new String[] {protocol});
            socket.startHandshake();
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    private static SSLContext trusting() throws Exception {
        KeyStore roots = KeyStore.getInstance("PKCS12");
        roots.load(null, null);
        roots.setCertificateEntry(
                "ca",
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(ca))));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(roots);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
