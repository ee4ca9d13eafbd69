using Dub.Clerk.Store;
using Microsoft.AspNetCore.Diagnostics;

namespace Dub.Clerk.Host.Api;

/// <summary>Errors in Dub's envelope, with Dub's codes: its SDKs know an error by the pair of status and code.</summary>
internal static class DubErrors
{
    public static IResult BadRequest(string message) => Error(StatusCodes.Status400BadRequest, "bad_request", message);

    public static IResult Unauthorized(string message) => Error(StatusCodes.Status401Unauthorized, "unauthorized", message);

    public static IResult Forbidden(string message) => Error(StatusCodes.Status403Forbidden, "forbidden", message);

    public static IResult NotFound(string message) => Error(StatusCodes.Status404NotFound, "not_found", message);

    public static IResult Conflict(string message) => Error(StatusCodes.Status409Conflict, "conflict", message);

    public static IResult Unprocessable(string message) => Error(StatusCodes.Status422UnprocessableEntity, "unprocessable_entity", message);

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
            => Error(StatusCodes.Status405MethodNotAllowed, "bad_request", "This method is not allowed here.").ExecuteAsync(context.HttpContext),
        StatusCodes.Status415UnsupportedMediaType
            => Error(StatusCodes.Status415UnsupportedMediaType, "bad_request", "Send the body as JSON, with Content-Type: application/json.").ExecuteAsync(context.HttpContext),
        _ => Task.CompletedTask,
    };

    private static Task AnswerAsync(HttpContext context)
    {
        var exception = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        if (exception is StoreException)
        {
            context.Response.Headers.RetryAfter = "5";
            return Error(StatusCodes.Status503ServiceUnavailable, "internal_server_error", "The store is not available. Try again.").ExecuteAsync(context);
        }

        var result = exception is BadHttpRequestException bad
            ? Error(bad.StatusCode, bad.StatusCode == StatusCodes.Status400BadRequest ? "bad_request" : "unprocessable_entity", "The request could not be read.")
            : Error(
                StatusCodes.Status500InternalServerError, "internal_server_error",
                "An internal server error occurred. Please contact our support if the problem persists.");
        return result.ExecuteAsync(context);
    }

    private static IResult Error(int status, string code, string message)
    {
        // Only the first underscore becomes a hyphen, and an unexpected error has a page of another name: as Dub does it.
        var page = code == "internal_server_error" ? "internal-server-error" : ReplaceFirst(code, '_', '-');
        return TypedResults.Json(
            new ErrorResponse(new ErrorBody(code, message, "https://dub.co/docs/api-reference/errors#" + page)),
            ApiJsonContext.Default.ErrorResponse, statusCode: status);
    }

    private static string ReplaceFirst(string text, char old, char replacement)
    {
        var at = text.IndexOf(old, StringComparison.Ordinal);
        return at < 0 ? text : string.Concat(text.AsSpan(0, at), replacement.ToString(), text.AsSpan(at + 1));
    }
}
