/** What can go wrong between this device and the service; each message is one sentence to show. */

/** Cognito or the service does not accept who we are: sign in again. */
export class AuthenticationFailed extends Error {
  override readonly name = "AuthenticationFailed";
}

/** No answer, or none that makes sense: try again. */
export class NotReachable extends Error {
  override readonly name = "NotReachable";
}

/** The service, or Cognito, has refused a request; `code` tells why. */
export class RequestRefused extends Error {
  override readonly name: string = "RequestRefused";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** A limit is reached: try again after `retryAfter` seconds. */
export class TooManyRequests extends RequestRefused {
  override readonly name = "TooManyRequests";
  readonly retryAfter: number;

  constructor(message: string, retryAfter: number) {
    super("too_many_requests", message);
    this.retryAfter = retryAfter;
  }
}
