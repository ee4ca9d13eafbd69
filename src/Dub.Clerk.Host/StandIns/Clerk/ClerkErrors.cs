using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Dub.Clerk.Host.StandIns.Clerk;

/// <summary>Clerk's error envelope.</summary>
internal static class ClerkErrors
{
    public static IResult Unauthorized() => Create(
        StatusCodes.Status401Unauthorized, "clerk_key_invalid", "The provided Clerk Secret Key is invalid. Make sure that your Clerk Secret Key is correct.");

    public static IResult NotFound(string what) => Create(StatusCodes.Status404NotFound, "resource_not_found", $"No {what} was found.");

    public static IResult TooManyRequests() => Create(StatusCodes.Status429TooManyRequests, "too_many_requests", "Too many requests. Please try again in a bit.");

    public static IResult BodyInvalid() => Create(StatusCodes.Status400BadRequest, "request_body_invalid", "The request body is not a valid JSON object.");

    public static IResult ParameterInvalid(string name, string message) => Unprocessable("form_param_value_invalid", name, message);

    public static IResult ParameterUnknown(string name) => Unprocessable("form_param_unknown", name, $"{name} is not a valid parameter for this request.");

    /// <summary>What is wrong with a field of a form; the browser shows it beside that field.</summary>
    public static IResult Unprocessable(string code, string name, string message) =>
        Create(StatusCodes.Status422UnprocessableEntity, code, message, new JsonObject { ["param_name"] = name });

    public static IResult Internal() => Create(StatusCodes.Status500InternalServerError, "internal_clerk_error", "There was an internal error on our servers.");

    /// <summary>Any fault, in Clerk's shape.</summary>
    public static IResult Create(int status, string code, string message, JsonObject? meta = null)
    {
        var error = new JsonObject { ["message"] = message, ["long_message"] = message, ["code"] = code };
        if (meta is not null)
        {
            error["meta"] = meta;
        }

        return Json(new JsonObject { ["errors"] = new JsonArray(error), ["clerk_trace_id"] = RandomNumberGenerator.GetHexString(32, lowercase: true) }, status);
    }

    public static IResult Json(JsonNode json, int status = StatusCodes.Status200OK) => TypedResults.Text(json.ToJsonString(), "application/json", Encoding.UTF8, status);

    /// <summary>What the server itself refuses, such as a method that is not allowed or a body that is cut short, has the envelope too.</summary>
    public static async Task AnswerFaultsAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await Create(e.StatusCode, "request_invalid", "The request could not be read.").ExecuteAsync(context);
        }

        if (context.Response is { HasStarted: false, StatusCode: StatusCodes.Status404NotFound })
        {
            await NotFound("page").ExecuteAsync(context);
        }
        else if (context.Response is { HasStarted: false, StatusCode: StatusCodes.Status405MethodNotAllowed })
        {
            await Create(StatusCodes.Status405MethodNotAllowed, "method_not_allowed", "This method is not allowed here.").ExecuteAsync(context);
        }
    }
}
