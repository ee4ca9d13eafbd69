using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dub.Clerk.Host.StandIns;

/// <summary>Replies as Dub writes them.</summary>
internal static class DubReply
{
    private static readonly JsonSerializerOptions AsJavaScript = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IResult Json(JsonNode node) => Text(StatusCodes.Status200OK, node);

    public static IResult BadRequest(string message) => Error(StatusCodes.Status400BadRequest, "bad_request", message);

    public static IResult Unauthorized(string message) => Error(StatusCodes.Status401Unauthorized, "unauthorized", message);

    public static IResult Forbidden(string message) => Error(StatusCodes.Status403Forbidden, "forbidden", message);

    public static IResult NotFound(string message) => Error(StatusCodes.Status404NotFound, "not_found", message);

    public static IResult Conflict(string message) => Error(StatusCodes.Status409Conflict, "conflict", message);

    public static IResult Unprocessable(string message) => Error(StatusCodes.Status422UnprocessableEntity, "unprocessable_entity", message);

    public static IResult TooManyRequests() => Error(StatusCodes.Status429TooManyRequests, "rate_limit_exceeded", "Too many requests.");

    public static IResult ServerError() => Error(
        StatusCodes.Status500InternalServerError, "internal_server_error",
        "An internal server error occurred. Please contact our support if the problem persists.");

    /// <summary>The text that <c>JSON.stringify</c> makes of it, near enough.</summary>
    public static string Stringify(JsonNode node) => node.ToJsonString(AsJavaScript);

    private static IResult Error(int status, string code, string message)
    {
        // Of several underscores, Dub's address of the page replaces the first; and a 500 has a page of another name.
        var underscore = code.IndexOf('_', StringComparison.Ordinal);
        var page = status == StatusCodes.Status500InternalServerError ? "internal-server-error"
            : underscore < 0 ? code : string.Concat(code.AsSpan(0, underscore), "-", code.AsSpan(underscore + 1));
        return Text(status, new JsonObject
        {
            ["error"] = new JsonObject
            {
                ["code"] = code,
                ["message"] = message,
                ["doc_url"] = "https://dub.co/docs/api-reference/errors#" + page,
            },
        });
    }

    private static IResult Text(int status, JsonNode node)
        => TypedResults.Text(Stringify(node), "application/json", Encoding.UTF8, status);
}
