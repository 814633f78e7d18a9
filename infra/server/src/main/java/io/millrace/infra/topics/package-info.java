/**
 * The topics of an installation: what they are to be, made, mended and checked. What stands in them is known to those who
 * write and read them.
 */
package io.millrace.infra.topics;
