using System.Security.Claims;
using System.Security.Principal;

namespace Dub.Clerk.Authentication;

/// <summary>The user of a request whose token had been verified before. Its identity is made when somebody asks for it, and is this request's own:
/// what is added to it is seen by no other.</summary>
internal sealed class SessionPrincipal(ClerkSessionToken token) : ClaimsPrincipal
{
    private volatile bool _isMade;
    private int _isMaking;

    /// <summary>What the token says; null once the identity is made, because it may have been changed since.</summary>
    public ClerkSessionToken? Untouched => _isMade ? null : token;

    public override IEnumerable<ClaimsIdentity> Identities
    {
        get
        {
            Make();
            return base.Identities;
        }
    }

    public override IIdentity? Identity
    {
        get
        {
            Make();
            return base.Identity;
        }
    }

    public override IEnumerable<Claim> Claims
    {
        get
        {
            Make();
            return base.Claims;
        }
    }

    public override void AddIdentity(ClaimsIdentity identity)
    {
        Make();
        base.AddIdentity(identity);
    }

    public override void AddIdentities(IEnumerable<ClaimsIdentity> identities)
    {
        Make();
        base.AddIdentities(identities);
    }

    public override IEnumerable<Claim> FindAll(Predicate<Claim> match)
    {
        Make();
        return base.FindAll(match);
    }

    public override IEnumerable<Claim> FindAll(string type)
    {
        Make();
        return base.FindAll(type);
    }

    public override Claim? FindFirst(Predicate<Claim> match)
    {
        Make();
        return base.FindFirst(match);
    }

    public override Claim? FindFirst(string type)
    {
        Make();
        return base.FindFirst(type);
    }

    public override bool HasClaim(Predicate<Claim> match)
    {
        Make();
        return base.HasClaim(match);
    }

    public override bool HasClaim(string type, string value)
    {
        Make();
        return base.HasClaim(type, value);
    }

    public override bool IsInRole(string role)
    {
        Make();
        return base.IsInRole(role);
    }

    protected override void WriteTo(BinaryWriter writer, byte[]? userData)
    {
        Make();
        base.WriteTo(writer, userData);
    }

    private void Make()
    {
        if (_isMade)
        {
            return;
        }

        // A request may ask from several threads; the others wait, for much less than a microsecond, and no request carries a lock about for it.
        if (Interlocked.Exchange(ref _isMaking, 1) == 0)
        {
            base.AddIdentity(token.Identity.Clone());
            _isMade = true;
        }
        else
        {
            SpinWait.SpinUntil(() => _isMade);
        }
    }
}
