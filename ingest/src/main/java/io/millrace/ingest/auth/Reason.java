package io.millrace.ingest.auth;

import io.grpc.Context;

/** Why a call is made, as a caller of gRPC says in the metadata: the messages of {@code flovyn.v1} have no field for it. */
public final class Reason {

    /** Name of the entry of the metadata; its value is ASCII text. */
    public static final String HEADER = "millrace-reason";

    /** The reason of the current gRPC call; null: it says none. */
    public static final Context.Key<String> KEY = Context.key(HEADER);

    private Reason() {}

    /**
     * @param decoded as gRPC has decoded it, which puts a replacement in the place of what is no ASCII
     * @return whether it is printable ASCII, and so what the caller meant
     */
    public static boolean isWhole(String decoded) {
        return decoded.chars().allMatch(each -> each >= ' ' && each <= '~');
    }
}
