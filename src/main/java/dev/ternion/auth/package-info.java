/**
 * Who a caller is and what role it has: tokens of a data folder, kept as hashes, and JWTs of an OIDC issuer.
 *
 * <p>Entry: {@link dev.ternion.auth.TokenFile} for those who make and revoke tokens, {@link dev.ternion.auth.Authenticator} for those who
 * are shown them.
 */
package dev.ternion.auth;
