package io.millrace.infra.config;

/**
 * How to reach the read model's database.
 *
 * @param url JDBC address
 * @param user whom to connect as
 * @param password of that user, empty for none
 * @param poolSize connections at the most
 */
public record DatabaseSettings(String url, String user, String password, int poolSize) {

    /** Connections of one node: the projector needs one, the rest answers lists. */
    public static final int POOL_SIZE = 8;

    /** Leaves the password out. */
    @Override
    public String toString() {
        return "DatabaseSettings[" + user + " at " + url + "]";
    }
}
