using Dub.Clerk.Store;
using Microsoft.AspNetCore.Diagnostics;

namespace Dub.Clerk.Host.Api;

/// <summary>Errors in Dub's envelope, with Dub's codes: its SDKs know an error by the pair of status and code.</summary>
internal static class DubErrors
{
    public static DubFault BadRequest(string message) => new(StatusCodes.Status400BadRequest, "bad_request", message);

    public static DubFault Unauthorized(string message) => new(StatusCodes.Status401Unauthorized, "unauthorized", message);

    public static DubFault Forbidden(string message) => new(StatusCodes.Status403Forbidden, "forbidden", message);

    public static DubFault NotFound(string message) => new(StatusCodes.Status404NotFound, "not_found", message);

    public static DubFault Conflict(string message) => new(StatusCodes.Status409Conflict, "conflict", message);

    /// <summary>Something we depend on is away; calling again later may succeed.</summary>
    public static DubFault Unavailable(string message) => new(StatusCodes.Status503ServiceUnavailable, "internal_server_error", message) { RetryAfter = 5 };

    public static readonly DubFault DubAway = Unavailable("The click is none that was recorded here, and Dub does not answer. Try again.");

    public static readonly DubFault ErasedCustomer = Conflict("The customer with this externalId was erased. Nothing is recorded for it within 90 days of that.");

    public static readonly DubFault TooManyRequests = new(StatusCodes.Status429TooManyRequests, "rate_limit_exceeded", "Too many requests.");

    public static DubFault Unprocessable(string message) => new(StatusCodes.Status422UnprocessableEntity, "unprocessable_entity", message);

    /// <summary>The last resort: the log has the exception, the client learns nothing of it. That the store is away is logged where it is noticed,
    /// once, and not by each request.</summary>
    public static readonly ExceptionHandlerOptions Handling = new()
    {
        ExceptionHandler = AnswerAsync,
        SuppressDiagnosticsCallback = context => context.Exception is StoreException,
    };

    /// <summary>What routing refuses has no body of its own.</summary>
    public static Task AnswerBareStatusAsync(StatusCodeContext context) => context.HttpContext.Response.StatusCode switch
    {
        StatusCodes.Status405MethodNotAllowed
            => new DubFault(StatusCodes.Status405MethodNotAllowed, "bad_request", "This method is not allowed here.").ExecuteAsync(context.HttpContext),
        StatusCodes.Status415UnsupportedMediaType
            => new DubFault(StatusCodes.Status415UnsupportedMediaType, "bad_request", "Send the body as JSON, with Content-Type: application/json.").ExecuteAsync(context.HttpContext),
        _ => Task.CompletedTask,
    };

    private static Task AnswerAsync(HttpContext context)
    {
        var exception = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        if (exception is StoreException)
        {
            return Unavailable("The store is not available. Try again.").ExecuteAsync(context);
        }

        var result = exception is BadHttpRequestException bad
            ? new DubFault(bad.StatusCode, bad.StatusCode == StatusCodes.Status400BadRequest ? "bad_request" : "unprocessable_entity", "The request could not be read.")
            : new DubFault(
                StatusCodes.Status500InternalServerError, "internal_server_error",
                "An internal server error occurred. Please contact our support if the problem persists.");
        return result.ExecuteAsync(context);
    }
}
