namespace Dub.Clerk.Host.Network;

/// <summary>What every answer tells browsers, where the endpoint has not said it: take it for what it says it is, run nothing that is in it, frame it nowhere.
/// A redirect keeps the visitor's own referrer policy, so that a target learns as much as before.</summary>
internal sealed class BasicHeaders(RequestDelegate next)
{
    private const string Data = "default-src 'none'; frame-ancestors 'none'";

    /// <summary>The API's reference sets up its script in the page, and styles as it goes.</summary>
    private const string Reference =
        "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        + "connect-src 'self'; worker-src 'self' blob:; form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

    /// <summary>Pages of commands that play with stand-ins.</summary>
    private const string Page = "frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(
            static state =>
            {
                var context = (HttpContext)state;
                var response = context.Response;
                var headers = response.Headers;
                headers.XContentTypeOptions = "nosniff";
                if (response.StatusCode is >= StatusCodes.Status300MultipleChoices and < StatusCodes.Status400BadRequest)
                {
                    return Task.CompletedTask;
                }

                if (headers.ContentSecurityPolicy.Count == 0)
                {
                    headers.ContentSecurityPolicy = context.Request.Path.StartsWithSegments("/scalar") ? Reference
                        : response.ContentType?.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) == true ? Page : Data;
                }

                headers.TryAdd("Referrer-Policy", "no-referrer");
                return Task.CompletedTask;
            },
            context);
        return next(context);
    }
}
