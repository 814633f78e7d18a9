package io.millrace.infra.config;

/**
 * How to reach the read model's database.
 *
 * @param url JDBC address
 * @param user the user to connect as
 * @param password password of that user, empty for none
 * @param poolSize most connections
 */
public record DatabaseSettings(String url, String user, String password, int poolSize) {

    /** Connections of one node: the projector needs one, the others answer requests for lists. */
    public static final int POOL_SIZE = 8;

    /** Leaves the password out. */
    @Override
    public String toString() {
        return "DatabaseSettings[" + user + " at " + url + "]";
    }
}
