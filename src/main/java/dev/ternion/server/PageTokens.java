package dev.ternion.server;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signed page tokens: the last item sent, bound to the list and its filter, good for 24 hours. */
final class PageTokens {
    private static final int MAX_PAGE = 1000;
    private static final int DEFAULT_PAGE = 50;
    private static final int MAC_BYTES = 16;
    private static final Duration LIFE = Duration.ofHours(24);

    private final SecretKeySpec key;
    private final Clock clock;

    /** @param key secret of this server, 16 bytes or more */
    PageTokens(byte[] key, Clock clock) {
        this.key = new SecretKeySpec(key, "HmacSHA256");
        this.clock = clock;
    }

    /** Items of a page: 0 means 50, more than 1000 means 1000. */
    static int size(int wanted) {
        if (wanted < 0) {
            throw Refusal.invalid("REQUEST_INVALID", "page_size", "is " + wanted + ", wanted 0 to " + MAX_PAGE);
        }
        return wanted == 0 ? DEFAULT_PAGE : Math.min(wanted, MAX_PAGE);
    }

    /**
     * A token.
     *
     * @param scope list and filter
     * @param last last item sent
     */
    String write(String scope, String last) {
        byte[] body = (clock.instant().plus(LIFE).getEpochSecond() + " " + last).getBytes(StandardCharsets.UTF_8);
        byte[] token = Arrays.copyOf(mac(scope, body), MAC_BYTES + body.length);
        System.arraycopy(body, 0, token, MAC_BYTES, body.length);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
    }

    /** The last item sent before; null for the first page. */
    String read(String scope, String token) {
        if (token.isEmpty()) {
            return null;
        }
        byte[] bytes = decode(token);
        byte[] body = Arrays.copyOfRange(bytes, Math.min(MAC_BYTES, bytes.length), bytes.length);
        byte[] mac = Arrays.copyOf(bytes, Math.min(MAC_BYTES, bytes.length));
        if (!MessageDigest.isEqual(mac, mac(scope, body))) {
            throw invalid("is not a token of this list and filter");
        }
        String[] parts = new String(body, StandardCharsets.UTF_8).split(" ", 2);
        if (Long.parseLong(parts[0]) < clock.instant().getEpochSecond()) {
            throw invalid("is older than 24 hours");
        }
        return parts[1];
    }

    private static byte[] decode(String token) {
        try {
            return Base64.getUrlDecoder().decode(token);
        } catch (IllegalArgumentException e) {
            throw invalid("is not a token of this server");
        }
    }

    private byte[] mac(String scope, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            mac.update(scope.getBytes(StandardCharsets.UTF_8));
            mac.update((byte) 0);
            return Arrays.copyOf(mac.doFinal(body), MAC_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Refusal invalid(String problem) {
        return Refusal.invalid("PAGE_TOKEN_INVALID", "page_token", problem + "; start again without a token");
    }
}
