using System.Globalization;

namespace Dub.Clerk.Host.Api;

/// <summary>A refusal in Dub's words, and in Dub's envelope where it is the answer.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">Dub's code, which goes with the status.</param>
/// <param name="Message">For a person.</param>
internal sealed record DubFault(int Status, string Code, string Message) : IResult
{
    /// <summary>After how many seconds calling again makes sense; null where it makes none.</summary>
    public int? RetryAfter { get; init; }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        if (RetryAfter is { } seconds)
        {
            httpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        // Only the first underscore becomes a hyphen, and an unexpected error has a page of another name: as Dub does it.
        var page = Code == "internal_server_error" ? "internal-server-error" : ReplaceFirst(Code, '_', '-');
        return TypedResults.Json(
            new ErrorResponse(new ErrorBody(Code, Message, "https://dub.co/docs/api-reference/errors#" + page)),
            ApiJsonContext.Default.ErrorResponse, statusCode: Status).ExecuteAsync(httpContext);
    }

    private static string ReplaceFirst(string text, char old, char replacement)
    {
        var at = text.IndexOf(old, StringComparison.Ordinal);
        return at < 0 ? text : string.Concat(text.AsSpan(0, at), replacement.ToString(), text.AsSpan(at + 1));
    }
}
