package io.millrace.infra.config;

/**
 * How to reach the read model's database.
 *
 * @param url JDBC address
 * @param user whom to connect as
 * @param password of that user, empty for none
 */
public record DatabaseSettings(String url, String user, String password) {

    /** Leaves the password out. */
    @Override
    public String toString() {
        return "DatabaseSettings[" + user + " at " + url + "]";
    }
}
