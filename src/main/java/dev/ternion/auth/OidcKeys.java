package dev.ternion.auth;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.text.ParseException;
import java.time.Duration;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The public keys of an issuer, in memory. {@link #refresh}, to be called every second by a thread that may wait, fetches them again
 * when they are old, and soon when a token names a key that is not there: issuers change keys. What was fetched last stays good for a day
 * while the issuer cannot be reached.
 */
public final class OidcKeys {
    static final Duration FRESH = Duration.ofMinutes(15);
    /** Between two fetches, however many tokens name keys that are not there. */
    static final Duration PAUSE = Duration.ofSeconds(30);

    static final Duration GOOD = Duration.ofDays(1);

    private static final Logger LOG = LoggerFactory.getLogger(OidcKeys.class);
    private static final int MILLIS = 5000;
    private static final int LARGEST = 256 * 1024;
    private static final String DISCOVERY = "/.well-known/openid-configuration";

    private final OidcSettings settings;
    private final LongSupplier nanos;
    private final DefaultResourceRetriever http = new DefaultResourceRetriever(MILLIS, MILLIS, LARGEST) {
        @Override
        protected HttpURLConnection openHTTPConnection(URL url) throws IOException {
            HttpURLConnection connection = super.openHTTPConnection(url);
            connection.setInstanceFollowRedirects(false);
            return connection;
        }
    };

    private volatile JWKSet keys = new JWKSet();
    private volatile boolean missed;
    private boolean fetched;
    private long fetchedAt;
    private boolean tried;
    private long triedAt;

    /** @param nanos a clock that only goes forward, in nanoseconds */
    public OidcKeys(OidcSettings settings, LongSupplier nanos) {
        this.settings = settings;
        this.nanos = nanos;
    }

    /** What was fetched last. Does not wait. */
    JWKSet current() {
        return keys;
    }

    /** A token names a key that is not there: they are fetched soon. */
    void missed() {
        missed = true;
    }

    /** Fetches the keys if it is time. May take some seconds. */
    public synchronized void refresh() {
        long now = nanos.getAsLong();
        if (tried && now - triedAt < PAUSE.toNanos()) {
            return;
        }
        if (fetched && !missed && now - fetchedAt < FRESH.toNanos()) {
            return;
        }
        tried = true;
        triedAt = now;
        missed = false;
        try {
            keys = fetch();
            fetched = true;
            fetchedAt = now;
        } catch (IOException | ParseException | IllegalArgumentException e) {
            LOG.warn("the keys of {} cannot be fetched, those of before stand: {}", settings.issuer(), e.toString());
            if (fetched && now - fetchedAt > GOOD.toNanos()) {
                LOG.error("no token of {} is accepted until its keys can be fetched", settings.issuer());
                keys = new JWKSet();
            }
        }
    }

    private JWKSet fetch() throws IOException, ParseException {
        return JWKSet.parse(text(settings.jwksUri() == null ? discover() : settings.jwksUri()))
                .toPublicJWKSet();
    }

    private URI discover() throws IOException, ParseException {
        String issuer = settings.issuer().toString();
        String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
        Map<String, Object> document = JSONObjectUtils.parse(text(URI.create(base + DISCOVERY)));
        String told = JSONObjectUtils.getString(document, "issuer");
        if (!issuer.equals(told)) {
            throw new IOException("its discovery document is that of " + told);
        }
        URI uri = JSONObjectUtils.getURI(document, "jwks_uri");
        if (uri == null || !issuer.startsWith(uri.getScheme() + ":") && !"https".equals(uri.getScheme())) {
            throw new IOException("its discovery document names the keys at " + uri + ", wanted https");
        }
        return uri;
    }

    private String text(URI uri) throws IOException {
        return http.retrieveResource(uri.toURL()).getContent();
    }
}
