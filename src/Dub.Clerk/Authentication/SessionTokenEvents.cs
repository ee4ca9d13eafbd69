using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.DependencyInjection;

namespace Dub.Clerk.Authentication;

/// <summary>Adds where Clerk's token is to the events the app configured, which are asked first and keep the last word.</summary>
internal sealed class SessionTokenEvents(
    JwtBearerEvents? own, Type? ownType, ClerkInstance instance, SessionTokenHandler handler, TimeProvider time) : JwtBearerEvents
{
    private static readonly JwtBearerEvents None = new();

    /// <summary>The app waits for no event between the token and its answer: those that are there are JwtBearer's own, which do nothing.</summary>
    private readonly bool _isForUsAlone = ownType is null
        && (own is null || (own.GetType() == typeof(JwtBearerEvents) && own.OnTokenValidated == None.OnTokenValidated && own.OnAuthenticationFailed == None.OnAuthenticationFailed));

    public override async Task MessageReceived(MessageReceivedContext context)
    {
        await Own(context.HttpContext.RequestServices).MessageReceived(context);
        if (context.Result is null && string.IsNullOrEmpty(context.Token))
        {
            await FindAsync(context);
        }
    }

    public override Task TokenValidated(TokenValidatedContext context) => Own(context.HttpContext.RequestServices).TokenValidated(context);

    public override Task AuthenticationFailed(AuthenticationFailedContext context) =>
        Own(context.HttpContext.RequestServices).AuthenticationFailed(context);

    public override Task Challenge(JwtBearerChallengeContext context) => Own(context.HttpContext.RequestServices).Challenge(context);

    public override Task Forbidden(ForbiddenContext context) => Own(context.HttpContext.RequestServices).Forbidden(context);

    private ValueTask FindAsync(MessageReceivedContext context)
    {
        var (_, rules, _, verified) = instance.Current;
        if (rules is null)
        {
            // Who sends nothing is nobody, however we are configured.
            var presented = context.Request.Headers.Authorization.ToString();
            if (presented.Length > 0 || SessionCookies.Read(context.Request.Headers.Cookie, suffix: null).Session.Length > 0)
            {
                Fail(context, presented.Length == 0 || CompactToken.HasShape(presented) ? SessionTokenOutcome.NotConfigured : SessionTokenOutcome.ShapeWrong);
            }
            else
            {
                context.NoResult();
            }

            return ValueTask.CompletedTask;
        }

        switch (SessionTokenSource.Find(context.Request.Headers, rules, verified, time.GetUtcNow(), out var token))
        {
            case SessionTokenSource.Finding.None:
                context.NoResult();
                break;
            case SessionTokenSource.Finding.Repeated:
                Fail(context, SessionTokenOutcome.AuthorizationRepeated);
                break;
            // JwtBearer would read the header itself when given no text.
            case SessionTokenSource.Finding.Token when token.Length == 0:
                Fail(context, SessionTokenOutcome.ShapeWrong);
                break;
            case SessionTokenSource.Finding.Token when _isForUsAlone:
                return AnswerAsync(context, token);
            default:
                context.Token = token;
                break;
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>What JwtBearer would make of the token handler's answer, at a small part of its cost.</summary>
    private async ValueTask AnswerAsync(MessageReceivedContext context, string token)
    {
        var (outcome, accepted) = await handler.CheckAsync(token);
        if (accepted is null)
        {
            context.Fail(SessionTokenRefusal.For(outcome));
            return;
        }

        context.Principal = new SessionPrincipal(accepted.Token);
        context.Properties = accepted.Properties(context.Options.SaveToken);
        context.Success();
    }

    private void Fail(MessageReceivedContext context, SessionTokenOutcome outcome)
    {
        handler.Report(outcome);
        context.Fail(SessionTokenRefusal.For(outcome));
    }

    private JwtBearerEvents Own(IServiceProvider services) =>
        ownType is null ? own ?? None : (JwtBearerEvents)services.GetRequiredService(ownType);
}
