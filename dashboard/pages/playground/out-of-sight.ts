/** How far from what is seen a group is left alone: as far as the screen is high. */
const MARGIN = "100% 0px";
/** How high a group becomes, as a rule, that is let go before it has been laid out whole. */
const MOSTLY_REM = 60;

/**
 * Groups that are far from what is seen, told by the browser: from then on it neither lays them out nor draws them, whatever
 * becomes of them, until they come near. That is what a long answer would cost at each picture. What is in sight at first is
 * never let go blindly: the browser would leave it out of one picture.
 */
const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting, boundingClientRect } of entries) {
      if (isIntersecting || !(target instanceof HTMLElement)) continue;
      const isFull = target.nextElementSibling !== null;
      // As high as it was, where it will not grow; `auto`: and as it has been seen since.
      target.style.containIntrinsicBlockSize = `auto ${isFull ? `${boundingClientRect.height}px` : `${MOSTLY_REM}rem`}`;
      target.style.contentVisibility = "auto";
      observer.unobserve(target);
    }
  },
  { rootMargin: MARGIN },
);

/** Lets an element go when it is far from what is seen. */
export const letGo = (element: HTMLElement): void => observer.observe(element);
