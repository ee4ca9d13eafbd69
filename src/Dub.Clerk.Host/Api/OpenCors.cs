namespace Dub.Clerk.Host.Api;

/// <summary>Lets pages of any site call an endpoint that needs no key: Dub's headers, on errors too.</summary>
internal static class OpenCors
{
    public static ValueTask<object?> AllowAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        // When the answer starts, because an error clears what was set before it.
        context.HttpContext.Response.OnStarting(
            static state =>
            {
                Allow((HttpResponse)state);
                return Task.CompletedTask;
            },
            context.HttpContext.Response);
        return next(context);
    }

    public static void Allow(HttpResponse response)
    {
        response.Headers.AccessControlAllowOrigin = "*";
        response.Headers.AccessControlAllowMethods = "POST, OPTIONS";
        response.Headers.AccessControlAllowHeaders = "Content-Type, Authorization";
    }

    public static IResult Preflight() => TypedResults.NoContent();
}
