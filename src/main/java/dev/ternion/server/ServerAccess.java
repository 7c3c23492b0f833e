package dev.ternion.server;

import dev.ternion.auth.Authenticator;
import java.util.function.LongSupplier;

/**
 * Who reaches a server, and how it knows them.
 *
 * @param tls null: no TLS
 * @param authenticator null: whoever reaches the server may do everything, as often as it likes
 * @param audit null: nothing is noted
 * @param nanoTime clock of the limits of each caller, in nanoseconds; never goes back
 */
public record ServerAccess(TlsIdentity tls, Authenticator authenticator, Audit audit, LongSupplier nanoTime) {
    /** Neither TLS nor authentication, and no audit log. */
    public static final ServerAccess OPEN = new ServerAccess(null, null, null, System::nanoTime);
}
