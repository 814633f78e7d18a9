package io.millrace.ingest.http.server;

import java.io.IOException;

/** A request that is not well-formed HTTP. Its end is not known, so the connection ends with the answer. */
public final class MalformedRequest extends IOException {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;

    MalformedRequest(int status, String code, String message) {
        super(message);
        this.status = status;
        this.code = code;
    }

    static MalformedRequest bad(String message) {
        return new MalformedRequest(400, "INVALID_ARGUMENT", message);
    }

    /** @return HTTP status of the answer */
    public int status() {
        return status;
    }

    /** @return code of the error in the answer */
    public String code() {
        return code;
    }
}
