package dev.ternion;

import dev.ternion.audit.AuditLog;
import dev.ternion.auth.Authenticator;
import dev.ternion.auth.EitherAuthenticator;
import dev.ternion.auth.OidcAuthenticator;
import dev.ternion.auth.OidcKeys;
import dev.ternion.auth.OidcSettings;
import dev.ternion.auth.TokenAuthenticator;
import dev.ternion.auth.TokenFile;
import dev.ternion.cli.ServeSecurity;
import dev.ternion.server.Audit;
import dev.ternion.server.ServerAccess;
import dev.ternion.server.TlsFiles;
import dev.ternion.server.TlsIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** TLS, tokens and audit log of a running server; reads their files again when they change. */
final class LocalSecurity implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalSecurity.class);

    /** Two: fetching an issuer's keys may take seconds, and a revoked token must not be good meanwhile. */
    private static final int REFRESHERS = 2;

    private final ScheduledExecutorService refresher = Executors.newScheduledThreadPool(REFRESHERS, task -> {
        Thread thread = new Thread(task, "ternion-refresh");
        thread.setDaemon(true);
        return thread;
    });
    private final AuditLog log;
    private final ServerAccess access;

    /**
     * Opens all of it.
     *
     * @param onFatal called when the audit log can no longer be written
     * @throws IOException if a file that the server needs is not what it should be
     */
    LocalSecurity(ServeSecurity wanted, Path dataFolder, Clock clock, Consumer<RuntimeException> onFatal)
            throws IOException {
        TlsIdentity tls = wanted.tls()
                ? new TlsIdentity(new TlsFiles(wanted.certificate(), wanted.key(), wanted.clientCa()))
                : null;
        TokenAuthenticator tokens =
                wanted.tokens() ? new TokenAuthenticator(new TokenFile(dataFolder, clock), clock) : null;
        OidcSettings settings = wanted.oidc() == null ? null : OidcSettings.read(wanted.oidc());
        OidcKeys keys = settings == null ? null : new OidcKeys(settings, System::nanoTime);
        OidcAuthenticator oidc = settings == null ? null : new OidcAuthenticator(settings, keys, clock);
        log = new AuditLog(dataFolder, clock);
        Audit audit = new Audit(log, System::nanoTime, e -> onFatal.accept(new UncheckedIOException(e)));
        access = new ServerAccess(tls, either(tokens, oidc), audit, System::nanoTime);
        if (tls != null) {
            often(tls::refresh);
        }
        if (tokens != null) {
            often(tokens::refresh);
        }
        if (keys != null) {
            often(keys::refresh);
        }
    }

    private static Authenticator either(TokenAuthenticator tokens, OidcAuthenticator oidc) {
        if (tokens != null && oidc != null) {
            return new EitherAuthenticator(tokens, oidc);
        }
        return tokens != null ? tokens : oidc;
    }

    private void often(Runnable refresh) {
        long millis = TokenAuthenticator.REFRESH.toMillis();
        Runnable steady = () -> {
            try {
                refresh.run();
            } catch (RuntimeException e) {
                LOG.error("cannot read again what protects the server", e);
            }
        };
        refresher.scheduleWithFixedDelay(steady, millis, millis, TimeUnit.MILLISECONDS);
    }

    ServerAccess access() {
        return access;
    }

    @Override
    public void close() throws IOException {
        refresher.shutdownNow();
        log.close();
    }
}
