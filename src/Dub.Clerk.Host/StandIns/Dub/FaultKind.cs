namespace Dub.Clerk.Host.StandIns;

/// <summary>The ways in which a call can fail. "Before" is before anything has happened; "after" is when all of it has, and only the
/// client does not learn of it.</summary>
internal enum FaultKind
{
    /// <summary>429, in the same form as when the limit is really used up.</summary>
    TooManyRequests,

    /// <summary>500 and nothing has happened.</summary>
    ServerErrorBefore,

    /// <summary>500 and everything has happened.</summary>
    ServerErrorAfter,

    /// <summary>500 when <c>/track/lead</c> has taken its key: there is no lead, and for seven days no retry makes one. Calls that take no key
    /// get <see cref="ServerErrorBefore"/>.</summary>
    KeyTakenThenLost,

    /// <summary>200 with the link, and the recording in the background fails: no lead, and the key is taken. Nothing on other calls.</summary>
    LeadNeverRecorded,

    /// <summary>No reply until the client gives up, and nothing has happened.</summary>
    TimeoutBefore,

    /// <summary>No reply until the client gives up, and everything has happened.</summary>
    TimeoutAfter,

    /// <summary>The connection is reset, and nothing has happened.</summary>
    ResetBefore,

    /// <summary>The connection is reset, and everything has happened.</summary>
    ResetAfter,

    /// <summary>The right reply, its body a byte at a time.</summary>
    SlowDrip,

    /// <summary>The right reply as <c>text/plain</c>.</summary>
    WrongContentType,

    /// <summary>502 and a page of HTML, from a proxy that lost the reply: everything has happened.</summary>
    HtmlErrorPage,

    /// <summary>The right status and half of the body.</summary>
    TruncatedJson,

    /// <summary>401 for this call.</summary>
    Unauthorized,

    /// <summary>403 for this call.</summary>
    Forbidden,
}
