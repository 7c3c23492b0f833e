package dev.ternion.auth;

/** A caller is not known. Neither the message nor the reason holds anything of what it sent. */
public final class Unauthenticated extends Exception {
    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Reason {
        /** Nothing was sent. */
        TOKEN_MISSING("no token; send the header authorization: Bearer TOKEN"),
        /** Nobody has this token. */
        TOKEN_INVALID("the token is none of this server; ask its operator for one"),
        /** It was good until a time that is over. */
        TOKEN_EXPIRED("the token has expired; ask the server's operator for a new one"),
        /** It was taken back. */
        TOKEN_REVOKED("the token was revoked; ask the server's operator for a new one"),
        /** Who sent it is known, but has no role here. */
        TOKEN_WITHOUT_ROLE("the token is good and gives no role on this server; ask its operator for one");

        private final String text;

        Reason(String text) {
            this.text = text;
        }
    }

    private final Reason reason;

    /** With the usual message. */
    public Unauthenticated(Reason reason) {
        super(reason.text);
        this.reason = reason;
    }

    /** Why. */
    public Reason reason() {
        return reason;
    }
}
