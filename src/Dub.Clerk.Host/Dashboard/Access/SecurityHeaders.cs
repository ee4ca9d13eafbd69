namespace Dub.Clerk.Host.Dashboard.Access;

/// <summary>Tells browsers what the dashboard's pages may do, beside <see cref="Network.BasicHeaders"/>: load from this host, run no script that stands in a page, be framed by nobody, be kept
/// by no cache.</summary>
internal sealed class SecurityHeaders(RequestDelegate next)
{
    /// <summary>Attributes may set styles, which charts do; style sheets and scripts come as files of this host.</summary>
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + "form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Path.StartsWithSegments(DashboardApp.Root, StringComparison.OrdinalIgnoreCase))
        {
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = Policy;
            headers["Referrer-Policy"] = "no-referrer";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers["Cross-Origin-Resource-Policy"] = "same-origin";
            headers["X-Robots-Tag"] = "noindex";
            context.Response.OnStarting(static state =>
            {
                var headers = ((HttpContext)state).Response.Headers;
                if (headers.CacheControl.Count == 0)
                {
                    headers.CacheControl = "private, no-store";
                }

                return Task.CompletedTask;
            }, context);
        }

        return next(context);
    }
}
