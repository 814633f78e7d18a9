/**
 * What tests of several modules share: clients, servers, and waiting for a thing instead of for time. For tests only.
 */
@NullMarked
package io.millrace.infra.testing;

import org.jspecify.annotations.NullMarked;
