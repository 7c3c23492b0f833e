package dev.ternion.auth;

/**
 * A token that was just made: the only moment at which its secret is known.
 *
 * @param token what is kept of it
 * @param secret what its holder sends
 */
public record NewToken(Token token, String secret) {
    @Override
    public String toString() {
        return "NewToken[" + token.id() + "]";
    }
}
