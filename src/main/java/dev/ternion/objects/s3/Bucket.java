package dev.ternion.objects.s3;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where objects are kept.
 *
 * @param name of the bucket
 * @param prefix of all names in it: empty, or ending in {@code /}
 * @param endpoint of a server other than Amazon's
 */
public record Bucket(String name, String prefix, Optional<URI> endpoint) {
    private static final Pattern ADDRESS = Pattern.compile(
            "s3://([a-z0-9][a-z0-9-]{1,61}[a-z0-9])(?:/((?:[a-z0-9][a-z0-9_-]*/)*[a-z0-9][a-z0-9_-]*)/?)?/?");
    private static final int LONGEST_PREFIX = 200;

    /**
     * Reads what an operator has written. It holds no key: those come from the environment, as the SDK reads it.
     *
     * @param address {@code s3://BUCKET} or {@code s3://BUCKET/PREFIX}
     * @param endpoint {@code https://HOST[:PORT]}, {@code http://} to this machine alone, or empty
     * @throws IllegalArgumentException if it is anything else
     */
    public static Bucket of(String address, String endpoint) {
        Matcher parts = ADDRESS.matcher(address);
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "wanted s3://BUCKET or s3://BUCKET/PREFIX, of lower-case letters, digits and -, without a key");
        }
        String prefix = parts.group(2) == null ? "" : parts.group(2) + "/";
        if (prefix.length() > LONGEST_PREFIX) {
            throw new IllegalArgumentException("wanted a prefix of at most " + LONGEST_PREFIX + " characters");
        }
        return new Bucket(
                parts.group(1), prefix, endpoint.isEmpty() ? Optional.empty() : Optional.of(endpoint(endpoint)));
    }

    private static URI endpoint(String text) {
        try {
            URI uri = new URI(text);
            boolean plain =
                    "https".equals(uri.getScheme()) || "http".equals(uri.getScheme()) && isLoopback(uri.getHost());
            String path = uri.getRawPath();
            if (plain
                    && uri.getHost() != null
                    && uri.getRawUserInfo() == null
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null
                    && (path.isEmpty() || path.equals("/"))) {
                return uri;
            }
        } catch (URISyntaxException e) {
            throw wrongEndpoint(e);
        }
        throw wrongEndpoint(null);
    }

    private static IllegalArgumentException wrongEndpoint(URISyntaxException cause) {
        return new IllegalArgumentException(
                "wanted an endpoint https://HOST[:PORT], or http:// to this machine", cause);
    }

    private static boolean isLoopback(String host) {
        return "127.0.0.1".equals(host) || "localhost".equals(host) || "[::1]".equals(host);
    }
}
